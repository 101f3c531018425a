// The search of one process over a whole documentation: its speed, and its memory while snapshots are swapped:
//   npm run build && npm run docs:build -- <Python's documentation> --out python.sqlite
//   node bench/search.mjs python.sqlite [--seconds 10] [--connections 64] [--rate 300] [--swaps 100]
// The requests are the queries of relevance-queries.json as people type them, letter by letter. `cold`: no answer is
// kept (CACHE_MAX_BYTES=0), though connections that ask for the same at once share it. `hot`: all answers are kept. In
// both each connection sends its next request when the last is answered. `at a rate`: as many a second as --rate says.
import { copyFile, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { startServer } from './server.mjs';

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    rate: { type: 'string', default: '300' },
    swaps: { type: 'string', default: '100' },
  },
  allowPositionals: true,
});
const queries = JSON.parse(await readFile(new URL('relevance-queries.json', import.meta.url), 'utf8'));
const requests = queries
  .flatMap(([q]) => Array.from(q, (_, index) => q.slice(0, index + 1)))
  .map((q) => ({ method: 'GET', path: `/search?q=${encodeURIComponent(q)}` }));

const folder = await mkdtemp(join(tmpdir(), 'daybook-search-'));
const snapshot = join(folder, 'docs.sqlite');
await copyFile(positionals[0] ?? '', snapshot);
const main = new URL('../dist/main.js', import.meta.url).pathname;
const contestant = (cacheBytes) => ({
  name: 'daybook',
  readyPath: '/search?q=len',
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [main],
    environment: {
      PORT: String(port),
      DATABASE_URL: `sqlite:${join(database.folder, 'daybook.sqlite')}`,
      SEARCH_FILE: snapshot,
      CACHE_MAX_BYTES: String(cacheBytes),
    },
  }),
});
let server = await startServer(contestant(0), { folder });

/** Sends the requests for a while and tells what came of it. */
async function load(name, options = {}) {
  const cpu = server.cpuMicroseconds();
  const {
    latency,
    non2xx,
    errors,
    '2xx': answers,
  } = await autocannon({
    url: server.url,
    connections: Number(values.connections),
    duration: Number(values.seconds),
    requests,
    ...options,
  });
  const each = (server.cpuMicroseconds() - cpu) / answers;
  const rate = (answers / (options.duration ?? Number(values.seconds))).toFixed(0);
  console.log(
    `${name}: ${rate} requests/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ` +
      `CPU ${each.toFixed(0)} µs each, ${non2xx + errors} failed`,
  );
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
try {
  const rate = { overallRate: Number(values.rate) };
  await load('cold, warm-up');
  await load('cold, full speed');
  await load('cold, at a rate', rate);
  await server.stop();
  server = await startServer(contestant(16_777_216), { folder });
  await load('hot, warm-up');
  await load('hot, full speed');
  await load('hot, at a rate', rate);

  const file = (await stat(snapshot)).size;
  const before = server.residentBytes();
  server.resetPeakResident();
  const swapping = (async () => {
    for (let swap = 0; swap < Number(values.swaps); swap += 1) {
      const next = join(folder, 'next.sqlite');
      await copyFile(positionals[0], next);
      await rename(next, snapshot);
      await delay(600);
    }
  })();
  await load(`while ${values.swaps} files are swapped`, {
    overallRate: Number(values.rate),
    duration: Math.ceil(Number(values.swaps) * 0.75),
  });
  await swapping;
  const peak = server.peakResidentBytes();
  await delay(2_000);
  console.log(
    `memory: file ${megabytes(file)} MB; process ${megabytes(before)} before, ${megabytes(peak)} at most, ` +
      `${megabytes(server.residentBytes())} after`,
  );
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
