// Reads something small again and again on one connection, and tells when each began and ended.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { clockMs } from './clock.mjs';

process.once('disconnect', () => process.exit());

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

process.send('ready');
await once(process, 'message');
// The first opens the connection.
await read();
process.send('begun');
const end = new AbortController();
process.once('message', () => end.abort());
const reads = [];
while (!end.signal.aborted) reads.push(await read());
process.send(reads);

async function read() {
  const begin = clockMs();
  const [response] = await once(get(process.argv[2], { agent }), 'response');
  if (response.statusCode !== 200) throw new Error(`A concurrent read was answered ${response.statusCode}`);
  response.resume();
  await once(response, 'end');
  return { begin, end: clockMs() };
}
