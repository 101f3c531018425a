import { setTimeout as delay } from 'node:timers/promises';
import { type BreakingProxy, startBreakingProxy } from '../support/breaking-proxy.js';
import { faultOption } from '../support/fault-options.js';
import { OutageWriters } from '../support/outage-writers.js';
import { PostgresPair } from '../support/postgres-pair.js';
import { type Server, startServer } from '../support/server.js';

describe('a PostgreSQL that another takes the place of', () => {
  let pair: PostgresPair;
  let proxy: BreakingProxy;
  let server: Server;
  beforeAll(async () => {
    pair = await PostgresPair.start();
    proxy = await startBreakingProxy(pair.port);
    const url = new URL(pair.url);
    url.port = String(proxy.port);
    server = await startServer({ DATABASE_URL: url.href, WRITE_LIMIT_MS: '2000' });
  });
  afterAll(async () => {
    await server?.end('SIGTERM');
    proxy?.close();
    await pair?.stop();
  });

  it('loses no success, and the service goes on by itself', async () => {
    const rounds = faultOption('rounds', 5);
    const writers = new OutageWriters(server.url, 16);
    for (let n = 0; n < rounds; n += 1) {
      await delay(1_500);
      await pair.failOver();
      proxy.target = pair.port;
      proxy.breakAll();
      // Until it is there, commits wait.
      await pair.addStandby();
      const before = writers.statuses[200]!;
      while (writers.statuses[200] === before) await delay(10);
    }
    const { lost, false503, summary } = await writers.end();
    process.stdout.write(`${rounds} failovers: ${summary}\n`);
    expect(lost).toEqual([]);
    expect(false503).toEqual([]);
    expect(Object.keys(writers.statuses)).toEqual(['200', '503']);
  });
});
