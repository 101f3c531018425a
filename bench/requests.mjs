// Requests a second, latency and CPU time per request of the built service, in a process of its own:
//   npm run build && node bench/requests.mjs [--seconds 5] [--connections 64] [--url sqlite:… | postgres://…]
// The CPU time is the server's, user and system, from /proc (Linux). Rows are counted against answers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    url: { type: 'string' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'daybook-bench-'));
const server = spawn(process.execPath, [new URL('../dist/src/main.js', import.meta.url).pathname], {
  env: {
    ...process.env,
    PORT: '0',
    DATABASE_URL: values.url ?? `sqlite:${folder}/daybook.sqlite`,
    LOG_LEVEL: 'info',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const lines = createInterface(server.stdout);
const [line] = await once(lines, 'line');
const url = /listens on (\S+)/.exec(line)[1];
// The log goes on being written, and read, as it would be.
lines.on('line', () => undefined);

/** The CPU time of the server so far, in microseconds. A clock tick is 10 ms on Linux. */
async function cpuTime() {
  const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function drive(title, request) {
  const cpu = await cpuTime();
  const result = await autocannon({
    url,
    requests: [request],
    connections: Number(values.connections),
    duration: Number(values.seconds),
  });
  const answers = result['2xx'];
  if (result.non2xx || result.errors)
    throw new Error(`${title}: ${result.non2xx} refused, ${result.errors} errors`);
  const each = ((await cpuTime()) - cpu) / answers;
  console.log(
    `| ${title} | ${Math.round(result.requests.average)} | ${result.latency.p50} | ${result.latency.p99} | ${each.toFixed(0)} |`,
  );
  return answers;
}

const json = { 'content-type': 'application/json' };
await fetch(`${url}/tasks`, {
  method: 'POST',
  headers: json,
  body: '{"name":"Water the plants","done":false}',
});
const readTask = { method: 'GET', path: '/tasks/1' };
const writeLog = { method: 'POST', path: '/log', headers: json, body: '{"message":"The backup is done"}' };

console.log(`Node ${process.version}, ${values.connections} connections, ${values.seconds} s each`);
console.log('| request | requests/s | p50 ms | p99 ms | CPU µs/request |\n| --- | --- | --- | --- | --- |');
await drive('GET /tasks/1 (warm-up)', readTask);
await drive('GET /tasks/1', readTask);
let written = await drive('POST /log (warm-up)', writeLog);
written += await drive('POST /log', writeLog);
const { logs } = await (await fetch(`${url}/logs`)).json();
// What was under way when a run ended may be kept and not counted.
if (logs.length < written)
  throw new Error(`${written} entries were acknowledged and ${logs.length} are there`);
server.kill('SIGTERM');
await once(server, 'exit');
await rm(folder, { recursive: true });
