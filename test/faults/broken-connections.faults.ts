import { setTimeout as delay } from 'node:timers/promises';
import { type BreakingProxy, startBreakingProxy } from '../support/breaking-proxy.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { faultOption } from '../support/fault-options.js';
import { OutageWriters } from '../support/outage-writers.js';
import { randomNumbers } from '../support/random-numbers.js';
import { type Server, startServer } from '../support/server.js';

const EVERY_MS = 20;

describe('connections to PostgreSQL that break', () => {
  let database: TestDatabase;
  let proxy: BreakingProxy;
  let server: Server;
  beforeAll(async () => {
    database = await createDatabase('postgres');
    const url = new URL(database.url);
    proxy = await startBreakingProxy(Number(url.port));
    url.port = String(proxy.port);
    server = await startServer({ DATABASE_URL: url.href });
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    proxy.close();
    await database.drop();
  });

  it('lose no success, and keep nothing that was answered as not kept', async () => {
    const rounds = faultOption('rounds', 500);
    const random = randomNumbers(faultOption('seed', Date.now() % 1_000_000));
    const writers = new OutageWriters(server.url, 16);
    for (let n = 0; n < rounds; n += 1) {
      await delay(EVERY_MS);
      proxy.breakOne(random);
    }
    const { lost, false503, summary } = await writers.end();
    process.stdout.write(`${rounds} broken connections: ${summary}\n`);
    expect(lost).toEqual([]);
    expect(false503).toEqual([]);
    expect(Object.keys(writers.statuses)).toEqual(['200', '503']);
    expect(server.process.exitCode).toBeNull();
  });
});
