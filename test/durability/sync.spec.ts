import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { SessionDataSource } from '../../src/database/index.js';
import { WalSync } from '../../src/database/sqlite/wal-sync.js';
import { startApp, type TestApp } from '../support/app.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { createDatabase, databaseConfig } from '../support/databases.js';
import { startWithDisk } from '../support/disk.js';

const post = (test: TestApp, message: string) =>
  test.app.inject({ method: 'POST', url: '/log', payload: { message } });

describe('the sync of the disk on SQLite', () => {
  it('comes before the answer', async () => {
    const events: string[] = [];
    const { promise: asked, resolve: asking } = Promise.withResolvers<void>();
    const { promise: disk, resolve: release } = Promise.withResolvers<void>();
    const test = await startWithDisk(async () => {
      events.push('sync begins');
      asking();
      await disk;
      events.push('sync ends');
    });
    const answer = post(test, 'x').then(({ statusCode }) => events.push(`answer ${statusCode}`));
    await asked;
    // The commit is done, as others see it, and still nobody was told.
    expect((await test.app.inject('/logs')).json().logs).toHaveLength(1);
    expect(events).toEqual(['sync begins']);
    release();
    await answer;
    expect(events).toEqual(['sync begins', 'sync ends', 'answer 200']);
    await test.close();
  });

  it('is one for all that are committed before it begins, and the next one for those after', async () => {
    const syncs: (() => void)[] = [];
    let asking = (): void => undefined;
    const test = await startWithDisk(
      () =>
        new Promise((resolve) => {
          syncs.push(resolve);
          asking();
        }),
    );
    const nextSync = () => new Promise<void>((resolve) => (asking = resolve));

    const answered: string[] = [];
    const send = (message: string) => post(test, message).then(() => answered.push(message));
    let began = nextSync();
    const first = send('first');
    await began;
    const others = ['a', 'b', 'c', 'd'].map(send);
    while ((await test.app.inject('/logs')).json().logs.length < 5) await nextTurn();
    expect(syncs).toHaveLength(1);
    expect(answered).toEqual([]);

    began = nextSync();
    syncs[0]?.();
    await first;
    await began;
    expect(answered).toEqual(['first']);
    syncs[1]?.();
    await Promise.all(others);
    expect(syncs).toHaveLength(2);
    expect(answered.toSorted()).toEqual(['a', 'b', 'c', 'd', 'first']);
    // close() syncs once more.
    const closing = nextSync();
    const closed = test.close();
    await closing;
    syncs[2]?.();
    await closed;
  });

  it('fails: the client gets 503, and so does everybody who writes, until a restart', async () => {
    let broken = true;
    const test = await startWithDisk(async () => {
      if (broken) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    });
    const refused = await post(test, 'x');
    expect(refused.statusCode).toBe(503);
    expect(refused.json().type).toBe('urn:daybook:problem:outcome-unknown');
    broken = false;
    const later = await post(test, 'y');
    expect(later.statusCode).toBe(503);
    expect(later.json().type).toBe('urn:daybook:problem:database-unavailable');
    expect((await test.app.inject('/health/ready')).statusCode).toBe(503);
    expect((await test.app.inject('/health/live')).statusCode).toBe(200);
    expect((await test.app.inject('/tasks/')).statusCode).toBe(200);
    await test.close();
  });
});

describe('what durability rests on', () => {
  it('is a real sync of the file: one that cannot be synced is refused', async () => {
    await expect(new WalSync('/dev/null').durable()).rejects.toThrow('The disk did not confirm a write');
  });

  it('is, on SQLite, the log that is synced, and foreign keys', async () => {
    const test = await startApp('sqlite');
    const dataSource = test.app.get<DataSource>(getDataSourceToken());
    const setting = async (name: string) =>
      Object.values((await dataSource.query<object[]>(`PRAGMA ${name}`))[0]!);
    expect(await setting('journal_mode')).toEqual(['wal']);
    expect(await setting('synchronous')).toEqual([1]);
    expect(await setting('foreign_keys')).toEqual([1]);
    await test.close();
  });

  it('is, on PostgreSQL, a commit that waits for the disk, even where the database says otherwise', async () => {
    const database = await createDatabase('postgres');
    const first = new pg.Client({ connectionString: database.url });
    await first.connect();
    await first.query(
      `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET synchronous_commit = off`,
    );
    await first.end();
    const dataSource = new SessionDataSource(storageOptions(databaseConfig(database.url)));
    await dataSource.initialize();
    expect(await dataSource.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await dataSource.destroy();
    await database.drop();
  });
});
