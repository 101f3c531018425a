// One run of autocannon, as the process that has forked this one asks for.
import { once } from 'node:events';
import autocannon from 'autocannon';
import { percentile } from '../statistics.mjs';

process.once('disconnect', () => process.exit());
const [options] = await once(process, 'message');

const latencies = [];
const { requests, connections } = options;
let client = 0;
// Each connection goes through the requests by itself: they begin at different ones.
const setupClient = (one) => {
  const start = Math.floor((client * requests.length) / connections);
  client += 1;
  one.setRequests([...requests.slice(start), ...requests.slice(0, start)]);
};
const instance = autocannon({ ...options, timeout: 10, setupClient });
// Its own histogram has whole milliseconds.
instance.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds));
const result = await instance;
const accepted = result['2xx'];
process.send(
  {
    accepted,
    refused: result.non2xx,
    errors: result.errors,
    perSecond: accepted / result.duration,
    p50: latencies.length ? percentile(latencies, 50) : 0,
    p99: latencies.length ? percentile(latencies, 99) : 0,
  },
  () => process.exit(),
);
