// How many durable units of work a second the SQLite write lane commits, and what each costs:
//   npm run build && node bench/write-lane.mjs [--seconds 2] [--rounds 5]
// Two ways to be durable, in turns: `fdatasync` (synchronous=NORMAL and a sync of the log off the main thread,
// as Daybook does it) and `full` (synchronous=FULL: SQLite syncs inside COMMIT). Every round counts its rows.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import 'reflect-metadata';
import { DatabaseConfig } from '../dist/src/config/database.config.js';
import { SettingsReader } from '../dist/src/config/environment.js';
import { SessionRepository } from '../dist/src/database/session.repository.js';
import { Sessions } from '../dist/src/database/sessions.js';
import { openSqlite } from '../dist/src/database/sqlite/open-sqlite.js';
import { UnitOfWork } from '../dist/src/database/unit-of-work.js';
import { LogEntry } from '../dist/src/logs/log-entry.entity.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    // One measurement, printed as JSON: each has a process of its own, and so a heap and a JIT of its own.
    one: { type: 'string' },
  },
});

/** Runs units on `atOnce` sessions for a while. */
async function measure(mode, atOnce, seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-bench-'));
  const file = join(folder, 'daybook.sqlite');
  const config = new DatabaseConfig(new SettingsReader({ DATABASE_URL: `sqlite:${file}` }));
  const { reader, writer, units } = await openSqlite(config, mode === 'full' ? async () => {} : undefined);
  if (mode === 'full') writer.driver.databaseConnection.pragma('synchronous = FULL');
  const sessions = new Sessions(reader.manager);
  const unitOfWork = new UnitOfWork(sessions, units);
  const logs = new SessionRepository(LogEntry, sessions, reader);

  let done = 0;
  const client = (end) =>
    sessions.run('bench', 'bench', async () => {
      while (performance.now() < end) {
        await unitOfWork.run(() =>
          logs.insert({ message: 'x'.repeat(50), timestamp: new Date().toISOString() }),
        );
        done += 1;
      }
    });
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

  const [{ count }] = await reader.query('SELECT count(*) AS count FROM logs');
  if (count !== done) throw new Error(`${done} units were acknowledged and ${count} rows are there`);
  await units.close();
  await reader.destroy();
  await writer.destroy();
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
  console.log('| at once | mode | units/s | CPU µs/unit | event loop blocked, p99 ms |');
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
