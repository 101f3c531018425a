import { statSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import Database from 'better-sqlite3';
import { vi } from 'vitest';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { LogRetention } from '../../src/logs/retention/log-retention.js';
import { LogSweeper } from '../../src/logs/retention/log-sweeper.js';
import { startApp, type TestApp } from '../support/app.js';
import { databaseConfig, engines } from '../support/databases.js';
import { execute, insertRows } from '../support/rows.js';

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe.each(engines)('the retention of log entries on %s', (engine) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp(engine, { settings: { LOG_RETENTION_DAYS: '7', LOG_RETENTION_ROWS: '12000' } });
    // The first one only notes the time.
    await sweep();
  });
  afterEach(() => test.close());

  const insert = (count: number, timestamp: string, message = 'x') =>
    insertRows(
      test,
      LogEntry,
      Array.from({ length: count }, () => ({ message, timestamp })),
    );
  const sweep = ({ app }: TestApp = test) => app.get(LogSweeper).sweep();
  const ids = async () =>
    (await test.app.inject('/logs')).json<{ logs: LogEntry[] }>().logs.map(({ id }) => id);
  const range = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n);

  it('deletes those that are too old, wherever they stand', async () => {
    await insert(2, daysAgo(6.9));
    await insert(600, daysAgo(7.1));
    await insert(1, daysAgo(0));
    expect(await sweep()).toMatchObject({ deleted: 600 });
    expect(await ids()).toEqual([1, 2, 603]);
    expect(await sweep()).toMatchObject({ deleted: 0 });
  });

  it('deletes the oldest where there are too many, and gives no id again', async () => {
    await insert(12_000, daysAgo(0));
    expect(await sweep()).toMatchObject({ deleted: 0 });
    await insert(345, daysAgo(0));
    expect(await sweep()).toMatchObject({ deleted: 345 });
    expect(await ids()).toEqual(range(346, 12_345));

    await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'new' } });
    expect((await ids()).at(-1)).toBe(12_346);
  });

  it("does not believe the process's clock", async () => {
    await insert(2, daysAgo(6.9));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400 * 86_400_000 });
    try {
      await sweep();
      expect(await ids()).toEqual([1, 2]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is the work of one process at a time', async () => {
    await insert(1_000, daysAgo(8));
    await insert(1, daysAgo(0));
    const shared = { url: test.databaseUrl, drop: async () => undefined };
    const other = await startApp(engine, { database: shared, settings: { LOG_RETENTION_DAYS: '7' } });
    const reports = await Promise.all([sweep(), sweep(other)]);
    expect(reports.map(({ deleted }) => deleted).toSorted()).toEqual([0, 1_000]);
    expect(reports.map(({ ran }) => ran).toSorted()).toEqual([false, true]);
    await other.close();
    expect(await ids()).toEqual([1_001]);
  });
});

describe.each(engines)('the retention of log entries on %s, when the clock jumps,', (engine) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp(engine, { settings: { LOG_RETENTION_DAYS: '7', LOG_RETENTION_ROWS: '5' } });
  });
  afterEach(() => test.close());

  const insert = (count: number, timestamp: string) =>
    insertRows(
      test,
      LogEntry,
      Array.from({ length: count }, () => ({ message: 'x', timestamp })),
    );
  const sweep = (force = false) => test.app.get(LogSweeper).sweep({ force });
  const set = (sweptAt: string, since: string | null) =>
    execute(
      test,
      `UPDATE log_sweeps SET swept_at = '${sweptAt}', suspect_since = ${since === null ? 'NULL' : `'${since}'`}`,
    );
  const ids = async () =>
    (await test.app.inject('/logs')).json<{ logs: LogEntry[] }>().logs.map(({ id }) => id);
  /** As if the clock were 400 days ahead of all that was written and done. */
  const jump = async () => {
    await execute(test, `UPDATE logs SET timestamp = '${daysAgo(400)}'`);
    await set(daysAgo(400), null);
  };

  it('deletes nothing by age until it has agreed for 24 hours, but what is too many', async () => {
    await insert(7, daysAgo(0));
    expect(await sweep()).toMatchObject({ ran: true, deleted: 2, suspectSince: null });
    await jump();
    const held = await sweep();
    expect(held).toEqual({ ran: true, deleted: 0, isFirst: false, suspectSince: expect.any(Date) });
    await insert(1, daysAgo(400));
    expect(await sweep()).toEqual({ ...held, deleted: 1 });
    await set(daysAgo(0), daysAgo(0.99));
    expect(await sweep()).toMatchObject({ deleted: 0, suspectSince: expect.any(Date) });
    expect(await ids()).toEqual([4, 5, 6, 7, 8]);
    await set(daysAgo(0), daysAgo(1.01));
    expect(await sweep()).toMatchObject({ deleted: 5, suspectSince: null });
  });

  it('deletes where it is said that the time is right, and from then on', async () => {
    await insert(3, daysAgo(0));
    await sweep();
    await jump();
    expect(await sweep()).toMatchObject({ deleted: 0 });
    expect(await sweep(true)).toMatchObject({ deleted: 3, suspectSince: null });
    await insert(2, daysAgo(8));
    expect(await sweep()).toMatchObject({ deleted: 2, suspectSince: null });
  });

  it('deletes nothing where the time went back, either', async () => {
    await insert(1, daysAgo(0));
    await sweep();
    await insert(1, daysAgo(8));
    await set(daysAgo(-400), null);
    expect(await sweep()).toMatchObject({ deleted: 0, suspectSince: expect.any(Date) });
  });

  it('only notes the time at the first sweep, whatever times the entries have', async () => {
    await insert(3, daysAgo(400));
    await insert(1, daysAgo(-400));
    await insert(2, daysAgo(0));
    await execute(test, 'DELETE FROM log_sweeps');
    expect(await sweep()).toEqual({ ran: true, deleted: 1, isFirst: true, suspectSince: null });
    expect(await ids()).toEqual([2, 3, 4, 5, 6]);
    expect(await sweep()).toEqual({ ran: true, deleted: 2, isFirst: false, suspectSince: null });
  });

  it('deletes at the first sweep where it is said that the time is right', async () => {
    await execute(test, 'DELETE FROM log_sweeps');
    await insert(3, daysAgo(400));
    expect(await sweep(true)).toMatchObject({ deleted: 3, isFirst: false });
    await insert(1, daysAgo(8));
    expect(await sweep()).toMatchObject({ deleted: 1, isFirst: false });
  });

  it('says so once, and when it deletes again', async () => {
    const lines: string[] = [];
    const spies = (['log', 'warn'] as const).map((level) =>
      vi.spyOn(Logger.prototype, level).mockImplementation((line: string) => void lines.push(line)),
    );
    try {
      const retention = test.app.get(LogRetention);
      await insert(1, daysAgo(0));
      await retention.sweep();
      await jump();
      await retention.sweep();
      await retention.sweep();
      await set(daysAgo(0), daysAgo(2));
      await retention.sweep();
      await retention.sweep();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(lines).toEqual([
      'This is the first sweep of log entries: it notes the time, and LOG_RETENTION_DAYS deletes from the next one on.',
      expect.stringMatching(
        /LOG_RETENTION_DAYS deletes nothing before 20.*Z\. If the time is right, `daybook logs sw/,
      ),
      '1 log entries are deleted that were not to be kept any more',
      'LOG_RETENTION_DAYS deletes log entries again.',
    ]);
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
  expect(await test.app.get(LogSweeper).sweep()).toMatchObject({ deleted: 490 });
  expect(checkpoint()).toBeLessThan(600_000);
  await test.close();
});
