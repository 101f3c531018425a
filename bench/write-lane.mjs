// How many durable units of work a second the SQLite write lane commits, and what each costs:
//   npm run build && node bench/write-lane.mjs [--seconds 2] [--rounds 5]
// Two ways to be durable, in turns: `fdatasync` (synchronous=NORMAL and a sync of the log off the main thread,
// as Daybook does it) and `full` (synchronous=FULL: SQLite syncs inside COMMIT). Every round counts its rows.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import 'reflect-metadata';
import { DatabaseConfig } from '../dist/src/config/database.config.js';
import { SettingsReader } from '../dist/src/config/environment.js';
import { SessionRepository } from '../dist/src/database/session.repository.js';
import { Sessions } from '../dist/src/database/sessions.js';
import { openSqlite } from '../dist/src/database/sqlite/open-sqlite.js';
import { UnitOfWork } from '../dist/src/database/unit-of-work.js';
import { LogEntry } from '../dist/src/logs/log-entry.entity.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
});
const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'daybook-bench-'));

/** Runs units on `atOnce` sessions for a while. */
async function measure(mode, atOnce, seconds) {
  const file = join(folder, `${mode}-${atOnce}-${Date.now()}.sqlite`);
  const config = new DatabaseConfig(new SettingsReader({ DATABASE_URL: `sqlite:${file}` }));
  const { reader, writer, units } = await openSqlite(config, mode === 'full' ? async () => {} : undefined);
  if (mode === 'full') writer.driver.databaseConnection.pragma('synchronous = FULL');
  const sessions = new Sessions(reader.manager);
  const unitOfWork = new UnitOfWork(sessions, units);
  const logs = new SessionRepository(LogEntry, sessions, reader.manager);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let done = 0;
  const client = () =>
    sessions.run('bench', 'bench', async () => {
      while (performance.now() < end) {
        await unitOfWork.run(() =>
          logs.insert({ message: 'x'.repeat(50), timestamp: new Date().toISOString() }),
        );
        done += 1;
      }
    });
  await Promise.all(Array.from({ length: atOnce }, client));
  const elapsed = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();

  const [{ count }] = await reader.query('SELECT count(*) AS count FROM logs');
  if (count !== done) throw new Error(`${done} units were acknowledged and ${count} rows are there`);
  await units.close();
  await reader.destroy();
  await writer.destroy();
  await rm(file);
  return { perSecond: done / elapsed, cpu: (user + system) / done, blocked: delay.percentile(99) / 1e6 };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const modes = ['fdatasync', 'full'];

console.log(`Node ${process.version}, ${values.rounds} rounds of ${values.seconds} s, medians`);
console.log(
  '| at once | mode | units/s | CPU µs/unit | event loop blocked, p99 ms |\n| --- | --- | --- | --- | --- |',
);
await measure('fdatasync', 64, 1);
for (const atOnce of [1, 16, 64, 256]) {
  const results = { fdatasync: [], full: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const mode of modes) results[mode].push(await measure(mode, atOnce, Number(values.seconds)));
  }
  for (const mode of modes) {
    const of = (key) => median(results[mode].map((one) => one[key]));
    console.log(
      `| ${atOnce} | ${mode} | ${Math.round(of('perSecond'))} | ${of('cpu').toFixed(0)} | ${of('blocked').toFixed(1)} |`,
    );
  }
}
await rm(folder, { recursive: true });
