import { megabytes } from '../figures.mjs';

/** The content type of a request with a body. */
export const JSON_HEADERS = { 'content-type': 'application/json' };

/** Drives a server for a round, and measures it meanwhile. */
export async function measureLoad({ server, drive, requests, connections, seconds }) {
  server.resetPeakResident();
  const before = server.cpuMicroseconds();
  const load = await drive({ url: server.url, requests, connections, seconds });
  const cpu = server.cpuMicroseconds() - before;
  return {
    perSecond: load.perSecond,
    p50: load.p50,
    p99: load.p99,
    cpu: cpu / load.accepted,
    rss: megabytes(server.peakResidentBytes()),
    errors: load.refused + load.errors,
    accepted: load.accepted,
  };
}

/** A scenario that sends the same kind of request all the time. */
export function loadScenario(scenario) {
  const { requests } = scenario;
  return {
    engines: ['sqlite', 'postgres'],
    runs: ({ connections = 64 }) => [{ connections }],
    ...scenario,
    measure: ({ server, drive, run, seconds, round }) =>
      measureLoad({ server, drive, requests: requests(round), connections: run.connections, seconds }),
  };
}
