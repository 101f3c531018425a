import { fstatSync, statSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import Database from 'better-sqlite3';
import { diagnose } from '../../src/checks/diagnose.js';
import { SessionDataSource } from '../../src/database/index.js';
import type { SqliteDriver } from '../../src/database/sqlite/driver.js';
import { migrateStorage } from '../../src/storage/migrate-storage.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { importFile } from '../../src/transfer/import-file.js';
import { startApp, type TestApp } from '../support/app.js';
import { databaseConfig } from '../support/databases.js';
import { startWithDisk } from '../support/disk.js';
import { EventStream } from '../support/event-stream.js';
import { exportedLines } from '../support/exports.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const all = temporaryFolder();

/** `data/d.sqlite` is a link to `real/d.sqlite`, which is not there yet, and a log of something else lies beside it. */
async function linkedDatabase() {
  const folder = await mkdtemp(join(all(), 'link-'));
  const [real, symbolic] = [join(folder, 'real', 'd.sqlite'), join(folder, 'data', 'd.sqlite')];
  await mkdir(join(folder, 'real'));
  await mkdir(join(folder, 'data'));
  await symlink('../real/d.sqlite', symbolic);
  await writeFile(`${symbolic}-wal`, '');
  return { folder, real, symbolic, url: `sqlite:${symbolic}`, drop: async () => undefined };
}

const post = (test: TestApp, message: string) =>
  test.app.inject({ method: 'POST', url: '/log', payload: { message } });
const statusOf = async (test: TestApp, url: string) => (await test.app.inject(url)).statusCode;

const messagesIn = (file: string): string[] => {
  const database = new Database(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const messages = database.prepare<[], string>('SELECT message FROM logs ORDER BY id').pluck().all();
  database.close();
  return messages;
};

/** A database of Daybook with these entries, in one file. */
async function databaseWith(file: string, ...messages: string[]): Promise<void> {
  await migrateStorage(databaseConfig(`sqlite:${file}`));
  const database = new Database(file);
  database.pragma('journal_mode = DELETE');
  const add = database.prepare(
    `INSERT INTO logs (message, timestamp) VALUES (?, '2026-11-22T18:41:31.219Z')`,
  );
  for (const message of messages) add.run(message);
  database.close();
}

describe('a database behind a symbolic link', () => {
  it('has the log synced that SQLite writes, beside the target', async () => {
    const database = await linkedDatabase();
    const synced = new Set<bigint>();
    const sync = async (fd: number) => void synced.add(fstatSync(fd, { bigint: true }).ino);
    const test = await startWithDisk(sync, database);
    expect((await post(test, 'x')).statusCode).toBe(200);
    expect(synced).toEqual(new Set([statSync(`${database.real}-wal`, { bigint: true }).ino]));
    expect(statSync(`${database.symbolic}-wal`).size).toBe(0);
    await test.close();
  });

  it('has one maintenance at a time, by whatever name', async () => {
    const { real, symbolic } = await linkedDatabase();
    const open = (file: string) =>
      new SessionDataSource(storageOptions(databaseConfig(`sqlite:${file}`))).initialize();
    const [one, other] = [await open(symbolic), await open(real)];
    let ran: boolean | undefined;
    await one.maintenance.alone(async () => {
      ran = await other.maintenance.alone(async () => undefined);
    });
    expect(ran).toBe(false);
    await one.destroy();
    await other.destroy();
  });

  it('has the folder looked at that its files are in', async () => {
    const { real, symbolic, url } = await linkedDatabase();
    await migrateStorage(databaseConfig(url));
    const texts = (await diagnose({ DATABASE_URL: url })).map(({ text }) => text).join('\n');
    expect(texts).toContain(`${real} is for its owner and group alone`);
    expect(texts).toContain(`MiB are free at ${join(real, '..')}`);
    expect(texts).not.toContain(`${symbolic} is for`);
  });
});

describe('a database with a second name', () => {
  it('is a warning of doctor', async () => {
    const [file, second] = [join(all(), 'one.sqlite'), join(all(), 'second.sqlite')];
    await databaseWith(file);
    const warnings = async () =>
      (await diagnose({ DATABASE_URL: `sqlite:${file}` })).filter(({ check }) => check === 'names');
    expect(await warnings()).toEqual([]);
    await link(file, second);
    expect(await warnings()).toMatchObject([{ status: 'warn', text: expect.stringContaining('2 names') }]);
  });
});

describe('a database whose file is no longer the one of its name', () => {
  const error = vi.spyOn(Logger.prototype, 'error');
  afterEach(() => void error.mockReset());
  afterAll(() => error.mockRestore());

  let folder: string;
  let file: string;
  let test: TestApp;
  const start = async (url = `sqlite:${file}`) => {
    test = await startApp('sqlite', { database: { url, drop: async () => undefined } });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(all(), 'lost-'));
    file = join(folder, 'data', 'd.sqlite');
  });
  const ends = ['', '-wal', '-shm'];

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'removed with all that is beside it',
      () => Promise.all(ends.map((end) => unlink(file + end))),
      async () => undefined,
    ],
    [
      'replaced by another',
      async () => {
        await rename(file, join(folder, 'away'));
        await databaseWith(join(folder, 'other'), 'other');
        await rename(join(folder, 'other'), file);
      },
      () => rename(join(folder, 'away'), file),
    ],
    [
      'in a folder of another name',
      () => rename(join(folder, 'data'), join(folder, 'away')),
      () => rename(join(folder, 'away'), join(folder, 'data')),
    ],
    [
      'without its log',
      () => rename(`${file}-wal`, join(folder, 'wal')),
      () => rename(join(folder, 'wal'), `${file}-wal`),
    ],
    [
      'without the index of its log',
      () => rename(`${file}-shm`, join(folder, 'shm')),
      () => rename(join(folder, 'shm'), `${file}-shm`),
    ],
  ])('is told of where it is %s, and is 503 until a restart', async (_what, lose, giveBack) => {
    await start();
    expect((await post(test, 'kept')).statusCode).toBe(200);
    await lose();
    expect((await post(test, 'lost')).statusCode).toBe(503);
    const statuses = async () => ({
      write: (await post(test, 'lost')).statusCode,
      read: await statusOf(test, '/logs'),
      query: await statusOf(test, '/tasks/'),
      ready: await statusOf(test, '/health/ready'),
      live: await statusOf(test, '/health/live'),
    });
    const down = { write: 503, read: 503, query: 503, ready: 503, live: 200 };
    expect(await statuses()).toEqual(down);
    await giveBack();
    expect(await statuses()).toEqual(down);
    const told = error.mock.calls.filter(([text]) => /stop Daybook, put the file back/.test(String(text)));
    expect(told).toHaveLength(1);
    await test.close();
  });

  it('is found out by the probe', async () => {
    await start();
    await Promise.all(ends.map((end) => unlink(file + end)));
    expect(await statusOf(test, '/health/ready')).toBe(503);
    await test.close();
  });

  it('ends the streams of log entries, and is a 503 for those who want one', async () => {
    await start();
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const url = `${await test.app.getUrl()}/logs/stream`;
    expect((await post(test, 'kept')).statusCode).toBe(200);
    const stream = await EventStream.open(url);
    await Promise.all(ends.map((end) => unlink(file + end)));
    expect((await post(test, 'lost')).statusCode).toBe(503);
    for (const query of ['', '?after=0', '?after=1', '?after=9']) {
      const again = await EventStream.open(url + query);
      expect(again.response.statusCode).toBe(503);
      again.close();
    }
    expect(await stream.toEnd()).toEqual([]);
    expect(stream.response.complete).toBe(true);
    await test.close();
  });

  it('is found out where nobody writes', async () => {
    await start();
    await rename(file, join(folder, 'away'));
    await vi.waitUntil(async () => (await statusOf(test, '/logs')) === 503, { timeout: 60_000 });
    expect(error.mock.calls.join('')).toContain('stop Daybook, put the file back');
    await test.close();
  });

  it('is found out where a link leads to another', async () => {
    const database = await linkedDatabase();
    await start(database.url);
    expect((await post(test, 'kept')).statusCode).toBe(200);
    await databaseWith(join(database.folder, 'other'), 'other');
    await unlink(database.symbolic);
    await symlink('../other', database.symbolic);
    expect((await post(test, 'lost')).statusCode).toBe(503);
    await test.close();
  });

  it('is whole where it was moved to, and harms no other that has its name', async () => {
    await start();
    for (const message of ['one', 'two']) await post(test, message);
    await databaseWith(join(folder, 'other'), 'other');
    await rename(file, join(folder, 'away'));
    await rename(join(folder, 'other'), file);
    // Its log is not taken for the other's, now and after the end.
    await vi.waitUntil(() => statSync(`${file}-wal`).size === 0, { timeout: 60_000 });
    await copyFile(file, join(folder, 'copy'));
    await test.close();
    expect(messagesIn(join(folder, 'away'))).toEqual(['one', 'two']);
    expect(messagesIn(file)).toEqual(['other']);
    expect(messagesIn(join(folder, 'copy'))).toEqual(['other']);
  });

  it('has all that was acknowledged where only its log was removed, also after a kill', async () => {
    await start();
    for (const message of ['one', 'two']) await post(test, message);
    await unlink(`${file}-wal`);
    const copy = join(folder, 'copy');
    const kept = async () => {
      await copyFile(file, copy);
      return messagesIn(copy).join();
    };
    await vi.waitUntil(async () => (await kept()) === 'one,two', { timeout: 60_000 });
    await test.close();
    expect(messagesIn(file)).toEqual(['one', 'two']);
  });

  it('is not opened where the name came to another while a lock was waited for', async () => {
    await mkdir(join(folder, 'data'));
    await databaseWith(file);
    // As a restore does it.
    const restoring = new Database(file);
    restoring.exec('BEGIN EXCLUSIVE');
    const options = { ...storageOptions(databaseConfig(`sqlite:${file}`)), timeout: 1 };
    const dataSource = new SessionDataSource(options);
    const opened = dataSource.initialize();
    opened.catch(() => undefined);
    await vi.waitUntil(() => (dataSource.driver as SqliteDriver).files, { interval: 1 });
    await databaseWith(join(folder, 'other'), 'other');
    await rename(join(folder, 'other'), file);
    restoring.close();
    await expect(opened).rejects.toThrow('d.sqlite was removed, moved or replaced while it was open');
    expect(messagesIn(file)).toEqual(['other']);
  });

  it('is no success of an import', async () => {
    await databaseWith(join(folder, 'from'), 'imported');
    const dump = join(folder, 'dump.ndjson');
    await writeFile(
      dump,
      (await exportedLines(`sqlite:${join(folder, 'from')}`)).map((line) => `${line}\n`).join(''),
    );
    await mkdir(join(folder, 'data'));
    let moved: Promise<void> | undefined;
    const onProgress = (done: number, whole: number): void => {
      if (done > whole / 2) moved ??= rename(file, join(folder, 'away'));
    };
    await expect(importFile(databaseConfig(`sqlite:${file}`), dump, { onProgress })).rejects.toThrow(
      'd.sqlite was removed, moved or replaced while it was open',
    );
    await moved;
    await rm(join(folder, 'away'));
  });
});
