import autocannon from 'autocannon';
import { ENDPOINTS, textOf } from './endpoints.mjs';
import { drawFrom } from './mixes.mjs';
import { Tally } from './tally.mjs';
import { becomeUser, PATIENCE_SECONDS } from './user.mjs';

/**
 * Lets so many users ask for what the mix has, each for the next as soon as the last is answered, for so many seconds
 * or until the signal. `onSecond` hears of each second.
 *
 * Answers the totals and the samples, how many requests were still without an answer at the end, and which share of
 * the time this process was busy itself.
 */
export async function runLoad({ origin, users, duration, mix, ids, onSecond, signal }) {
  const draw = drawFrom(mix);
  let serial = 0;
  const next = () => {
    serial += 1;
    const endpoint = draw();
    const { needs, next: requestOf } = ENDPOINTS[endpoint];
    return { endpoint, request: requestOf({ ids: ids[needs], serial, text: textOf(serial) }) };
  };

  const tally = new Tally(Object.keys(mix));
  const idle = performance.eventLoopUtilization();
  const due = [];
  const instance = autocannon({
    ...{ url: origin, connections: users, duration, timeout: PATIENCE_SECONDS },
    // How soon it stops when it is told to.
    sampleInt: 100,
    setupClient: (client) => due.push(becomeUser(client, next, tally)),
  });
  const seconds = setInterval(() => onSecond(tally.endSecond()), 1_000);
  const stop = () => instance.stop();
  signal.addEventListener('abort', stop);
  try {
    await instance;
  } finally {
    clearInterval(seconds);
    signal.removeEventListener('abort', stop);
  }
  tally.endSecond();
  return {
    ...tally.totals(),
    unanswered: due.filter((isDue) => isDue()).length,
    busy: Math.round(performance.eventLoopUtilization(idle).utilization * 100) / 100,
    samples: tally.samples,
  };
}
