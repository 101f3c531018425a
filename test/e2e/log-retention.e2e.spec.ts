import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { LogRetention } from '../../src/logs/retention/log-retention.js';
import { startApp, type TestApp } from '../support/app.js';
import { databaseConfig, engines } from '../support/databases.js';
import { insertRows } from '../support/rows.js';

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe.each(engines)('the retention of log entries on %s', (engine) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp(engine, { settings: { LOG_RETENTION_DAYS: '7', LOG_RETENTION_ROWS: '12000' } });
  });
  afterEach(() => test.close());

  const insert = (count: number, timestamp: string, message = 'x') =>
    insertRows(
      test,
      LogEntry,
      Array.from({ length: count }, () => ({ message, timestamp })),
    );
  const sweep = ({ app }: TestApp = test) => app.get(LogRetention).sweep();
  const ids = async () =>
    (await test.app.inject('/logs')).json<{ logs: LogEntry[] }>().logs.map(({ id }) => id);
  const range = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n);

  it('deletes those that are too old, wherever they stand', async () => {
    await insert(2, daysAgo(6.9));
    await insert(600, daysAgo(7.1));
    await insert(1, daysAgo(0));
    expect(await sweep()).toBe(600);
    expect(await ids()).toEqual([1, 2, 603]);
    expect(await sweep()).toBe(0);
  });

  it('deletes the oldest where there are too many, and gives no id again', async () => {
    await insert(12_000, daysAgo(0));
    expect(await sweep()).toBe(0);
    await insert(345, daysAgo(0));
    expect(await sweep()).toBe(345);
    expect(await ids()).toEqual(range(346, 12_345));

    await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'new' } });
    expect((await ids()).at(-1)).toBe(12_346);
  });

  it('is the work of one process at a time', async () => {
    await insert(1_000, daysAgo(8));
    const shared = { url: test.databaseUrl, drop: async () => undefined };
    const other = await startApp(engine, { database: shared, settings: { LOG_RETENTION_DAYS: '7' } });
    const deleted = await Promise.all([sweep(), sweep(other)]);
    expect(deleted.toSorted()).toEqual([0, 1_000]);
    await other.close();
    expect(await ids()).toEqual([]);
  });
});

it('gives the disk back what deleted entries took, on sqlite', async () => {
  const test = await startApp('sqlite', { settings: { LOG_RETENTION_ROWS: '10' } });
  const { file } = databaseConfig(test.databaseUrl);
  const message = 'x'.repeat(20_000);
  const rows = Array.from({ length: 500 }, () => ({ message, timestamp: daysAgo(0) }));
  await insertRows(test, LogEntry, rows);
  const checkpoint = (): number => {
    const database = new Database(file);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    return statSync(file).size;
  };
  expect(checkpoint()).toBeGreaterThan(10_000_000);
  expect(await test.app.get(LogRetention).sweep()).toBe(490);
  expect(checkpoint()).toBeLessThan(600_000);
  await test.close();
});
