// Gets one large body, tells when its first byte and its last one came, and counts its rows when it is asked to.
import { once } from 'node:events';
import { get } from 'node:http';
import { clockMs } from './clock.mjs';

const LIMIT_MS = 300_000;

process.once('disconnect', () => process.exit());
process.send('ready');
await once(process, 'message');

const begin = clockMs();
const request = get(process.argv[2], { agent: false });
request.setTimeout(LIMIT_MS, () => request.destroy(new Error('GET /logs took too long')));
const [response] = await once(request, 'response');
let firstByte;
const chunks = [];
for await (const chunk of response) {
  firstByte ??= clockMs();
  chunks.push(chunk);
}
const end = clockMs();
const body = Buffer.concat(chunks);
process.send({ status: response.statusCode, begin, firstByte, end, bytes: body.length });

await once(process, 'message');
let rows = 0;
for (let at = body.indexOf('"id":'); at >= 0; at = body.indexOf('"id":', at + 1)) rows += 1;
process.send(rows);
