import { setTimeout as delay } from 'node:timers/promises';
import { logs, tasks } from '../database/rows.mjs';
import { dumpWhileReading } from '../drivers/dump.mjs';
import { megabytes } from '../figures.mjs';
import { percentile } from '../statistics.mjs';
import { checkTask } from './read-one.mjs';

const ROWS = 1_000_000;

export const scenario = {
  name: 'logs-1m',
  title: 'All log entries: GET /logs with 1,000,000 rows of 50 characters',
  note: 'Meanwhile another process reads GET /tasks/1 on one connection. The floor dumps a cursor of better-sqlite3.',
  endpoints: ['GET /logs', 'GET /tasks/:id'],
  engines: ['sqlite'],
  rows: { tasks: () => tasks(100), logs: () => logs(ROWS) },
  figures: [
    { key: 'rowsPerSecond', title: 'rows/s', short: 'rows/s', ratio: true, chart: true },
    { key: 'firstByteMs', title: 'first byte ms' },
    { key: 'totalMs', title: 'total ms' },
    { key: 'megabytes', title: 'MB' },
    { key: 'growth', title: 'peak RSS growth MB', chart: true },
    { key: 'p99', title: 'p99 ms of reads', chart: true },
    { key: 'longest', title: 'longest read ms', chart: true },
    { key: 'reads', title: 'reads meanwhile' },
    { key: 'cpuMs', title: 'CPU ms', short: 'CPU', ratio: true },
    { key: 'errors', title: 'errors', sum: true },
  ],
  runs: () => [{ connections: 1 }],
  check: checkTask,
  async measure({ server }) {
    // Of the first time: what a dump leaves behind counts as well.
    server.resting ??= await settledResidentBytes(server);
    server.resetPeakResident();
    const before = server.cpuMicroseconds();
    const { dumped, latencies, rows } = await dumpWhileReading({
      url: server.url,
      largePath: '/logs',
      smallPath: '/tasks/1',
    });
    const cpu = server.cpuMicroseconds() - before;
    if (rows !== ROWS) throw new Error(`lost rows: it answered ${rows} of ${ROWS} log entries`);
    const totalMs = dumped.end - dumped.begin;
    return {
      rowsPerSecond: ROWS / (totalMs / 1_000),
      firstByteMs: dumped.firstByte - dumped.begin,
      totalMs,
      megabytes: megabytes(dumped.bytes),
      growth: megabytes(server.peakResidentBytes() - server.resting),
      p99: percentile(latencies, 99),
      longest: Math.max(...latencies),
      reads: latencies.length,
      cpuMs: cpu / 1_000,
      errors: dumped.status === 200 ? 0 : 1,
      accepted: 1,
    };
  },
};

/** Workers go on starting after the first answer. */
async function settledResidentBytes(server) {
  for (let before = 0; ;) {
    const bytes = server.residentBytes();
    if (Math.abs(bytes - before) < 0.01 * bytes) return bytes;
    before = bytes;
    await delay(500);
  }
}
