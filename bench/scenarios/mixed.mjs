import { tasks } from '../database/rows.mjs';
import { megabytes } from '../figures.mjs';
import { countLogRows } from './count-rows.mjs';
import { checkLog, writeLog } from './log.mjs';
import { checkTask, readTask } from './read-one.mjs';

export const scenario = {
  name: 'mixed',
  title: 'Reads while others write: GET /tasks/1 on 80 % of the connections, POST /log on 20 %',
  note: 'A process of its own drives each kind. Before, in the same round, the reads alone on as many connections.',
  endpoints: ['GET /tasks/:id', 'POST /log'],
  engines: ['sqlite', 'postgres'],
  writes: true,
  rows: { tasks: () => tasks(100) },
  figures: [
    { key: 'p99', title: 'p99 ms of reads', short: 'p99', ratio: true, chart: true },
    { key: 'p99Alone', title: 'p99 ms of reads alone' },
    { key: 'p99Ratio', title: 'p99, mixed / alone', chart: true },
    { key: 'p50', title: 'p50 ms of reads' },
    { key: 'readsPerSecond', title: 'reads/s' },
    { key: 'writesPerSecond', title: 'writes/s' },
    { key: 'cpu', title: 'CPU µs/request', short: 'CPU', ratio: true },
    { key: 'rss', title: 'peak RSS MB' },
    { key: 'errors', title: 'errors', sum: true },
  ],
  runs({ connections = 64 }) {
    const writers = Math.max(1, Math.round(connections / 5));
    return [{ connections, readers: Math.max(1, connections - writers), writers }];
  },
  async check(server) {
    await checkTask(server);
    return checkLog(server);
  },
  async measure({ server, drive, run, seconds }) {
    const { url } = server;
    const reads = { url, requests: [readTask], connections: run.readers, seconds };
    const alone = await drive(reads);
    server.resetPeakResident();
    const before = server.cpuMicroseconds();
    const [read, written] = await Promise.all([
      drive(reads),
      drive({ url, requests: [writeLog], connections: run.writers, seconds }),
    ]);
    const cpu = server.cpuMicroseconds() - before;
    const failures = [alone, read, written].map(({ refused, errors }) => refused + errors);
    return {
      p99: read.p99,
      p99Alone: alone.p99,
      p99Ratio: read.p99 / alone.p99,
      p50: read.p50,
      readsPerSecond: read.perSecond,
      writesPerSecond: written.perSecond,
      cpu: cpu / (read.accepted + written.accepted),
      rss: megabytes(server.peakResidentBytes()),
      errors: failures.reduce((sum, one) => sum + one, 0),
      accepted: written.accepted,
    };
  },
  counted: 'Log entries in the database, and acknowledged writes',
  verify: countLogRows,
};
