import { setTimeout as delay } from 'node:timers/promises';
import { megabytes } from '../figures.mjs';

const IDLE_MS = 1_000;

export const scenario = {
  name: 'start',
  title: 'Start: from the start of the process to the first 200 of GET /info',
  note: 'On a database that is there. The resident memory is that of one second later.',
  endpoints: ['GET /info'],
  engines: ['sqlite'],
  rows: {},
  figures: [
    { key: 'startMs', title: 'start ms', short: 'start', ratio: true, chart: true },
    { key: 'cpuMs', title: 'CPU ms until then', short: 'CPU', ratio: true },
    { key: 'rss', title: 'idle RSS MB', short: 'RSS', ratio: true, chart: true },
    { key: 'errors', title: 'errors', sum: true },
  ],
  runs: () => [{}],
  /** Each round starts a server of its own. */
  startsServers: true,
  async measure({ start }) {
    const server = await start();
    const cpuMs = server.cpuMicroseconds() / 1_000;
    await delay(IDLE_MS);
    const rss = megabytes(server.residentBytes());
    await server.stop();
    return { startMs: server.startMs, cpuMs, rss, errors: 0, accepted: 0 };
  },
};
