// How many durable transactions a second SQLite's write queue commits, and what each costs:
//   npm run build && node bench/write-queue.mjs [--seconds 2] [--rounds 5]
// Two ways to be durable, in turns: `fdatasync` (synchronous=NORMAL and a sync of the log off the main thread,
// as Daybook does it) and `full` (synchronous=FULL: SQLite syncs inside COMMIT). Every round counts its rows.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import 'reflect-metadata';
import { SessionDataSource } from '../dist/src/database/index.js';
import { LogEntry } from '../dist/src/logs/log-entry.entity.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    // One measurement, printed as JSON: each has a process of its own, and so a heap and a JIT of its own.
    one: { type: 'string' },
  },
});

/** Runs transactions, `atOnce` of them, for a while. */
async function measure(mode, atOnce, seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-bench-'));
  const dataSource = new SessionDataSource({
    type: 'better-sqlite3',
    database: join(folder, 'daybook.sqlite'),
    entities: [LogEntry],
    synchronize: true,
  });
  if (mode === 'full') dataSource.engine.disk = { sync: async () => {} };
  await dataSource.initialize();
  if (mode === 'full') dataSource.driver.databaseConnection.pragma('synchronous = FULL');
  const logs = dataSource.getRepository(LogEntry);

  let done = 0;
  const client = async (end) => {
    while (performance.now() < end) {
      await dataSource.transaction(() =>
        logs.insert({ message: 'x'.repeat(50), timestamp: new Date().toISOString() }),
      );
      done += 1;
    }
  };
  const clients = (forSeconds) => {
    const end = performance.now() + forSeconds * 1_000;
    return Promise.all(Array.from({ length: atOnce }, () => client(end)));
  };
  await clients(0.5);
  const warm = done;

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await clients(seconds);
  const elapsed = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();

  const [{ count }] = await dataSource.query('SELECT count(*) AS count FROM logs');
  if (count !== done) throw new Error(`${done} transactions were acknowledged and ${count} rows are there`);
  await dataSource.destroy();
  await rm(folder, { recursive: true });
  const measured = done - warm;
  return {
    perSecond: measured / elapsed,
    cpu: (user + system) / measured,
    blocked: delay.percentile(99) / 1e6,
  };
}

if (values.one) {
  const [mode, atOnce] = values.one.split(':');
  console.log(JSON.stringify(await measure(mode, Number(atOnce), Number(values.seconds))));
} else {
  await compare();
}

/** All rounds, the modes in turns. */
async function compare() {
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
  const run = async (mode, atOnce) => {
    const args = [process.argv[1], '--one', `${mode}:${atOnce}`, '--seconds', values.seconds];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  };
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${values.seconds} s, medians`);
  console.log('| at once | mode | transactions/s | CPU µs each | event loop blocked, p99 ms |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const atOnce of [1, 16, 64, 256]) {
    const results = { fdatasync: [], full: [] };
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const mode of ['fdatasync', 'full']) results[mode].push(await run(mode, atOnce));
    }
    for (const [mode, rounds] of Object.entries(results)) {
      const of = (key) => median(rounds.map((one) => one[key]));
      const figures = [of('perSecond').toFixed(0), of('cpu').toFixed(0), of('blocked').toFixed(1)];
      console.log(`| ${[atOnce, mode, ...figures].join(' | ')} |`);
    }
  }
}
