import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Gets a large body while another process reads something small again and again on one connection.
 * Answers how long the one took, how many rows it has, and the latencies of the other meanwhile.
 */
export async function dumpWhileReading({ url, largePath, smallPath }) {
  const dump = forkClient('dump-process.mjs', `${url}${largePath}`);
  const reader = forkClient('reader-process.mjs', `${url}${smallPath}`);
  try {
    await Promise.all([dump.next(), reader.next()]);
    reader.send('begin');
    await reader.next();
    dump.send('begin');
    const dumped = await dump.next();
    reader.send('end');
    const reads = await reader.next();
    dump.send('count');
    // A read before or after the dump says nothing about it.
    const meanwhile = reads.filter(({ begin, end }) => begin < dumped.end && end > dumped.begin);
    return { dumped, latencies: meanwhile.map(({ begin, end }) => end - begin), rows: await dump.next() };
  } finally {
    dump.end();
    reader.end();
  }
}

function forkClient(file, url) {
  const child = fork(new URL(file, import.meta.url), [url], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let over = false;
  const broken = async () => {
    await once(child, 'exit');
    if (!over) throw new Error(`the client of ${new URL(url).pathname} broke off`);
  };
  const ended = broken();
  ended.catch(() => undefined);
  return {
    send: (message) => child.send(message),
    next: async () => (await Promise.race([once(child, 'message'), ended]))[0],
    end: () => {
      over = true;
      if (child.connected) child.disconnect();
    },
  };
}
