import { Logger } from '@nestjs/common';
import pg from 'pg';
import { vi } from 'vitest';
import { longSource } from '../../src/database/admin.js';
import { JsonSearch, SessionDataSource } from '../../src/database/index.js';
import { CompiledStatement } from '../../src/database/statements/compiled-statement.js';
import { SettledPosition } from '../../src/database/statements/settled-position.js';
import { LogDto } from '../../src/logs/dto/log.dto.js';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';

const ROW = `INSERT INTO logs (message, timestamp) VALUES ('', '')`;

describe.each(engines)('the settled position on %s', (engine) => {
  let database: TestDatabase;
  let dataSource: SessionDataSource;
  let position: SettledPosition;
  beforeAll(async () => {
    database = await createDatabase(engine);
    dataSource = new SessionDataSource(storageOptions(databaseConfig(database.url)));
    await dataSource.initialize();
    await dataSource.runMigrations();
    position = SettledPosition.of(dataSource.getRepository(LogEntry));
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is one for all who ask', () => {
    expect(SettledPosition.of(dataSource.getRepository(LogEntry))).toBe(position);
  });

  it('is the newest id where nobody is writing, and 0 in an empty table', async () => {
    expect(await Promise.all([position.now(), position.forAnswer(), position.ofNewest()])).toEqual([0, 0, 0]);
    await dataSource.query(ROW);
    expect(await position.now()).toBe(1);
    await dataSource.query(`INSERT INTO logs (id, message, timestamp) VALUES (10, '', '')`);
    expect(await position.forAnswer()).toBe(10);
  });

  it('goes back where the newest rows are deleted', async () => {
    await dataSource.query('DELETE FROM logs WHERE id = 10');
    expect(await position.ofNewest()).toBe(1);
  });

  it('does not see what the transaction that asks has not committed yet', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.insert(LogEntry, { message: '', timestamp: '' });
      expect(await position.now()).toBe(1);
    });
    expect(await position.now()).toBeGreaterThan(1);
  });
});

describe('the settled position on PostgreSQL', () => {
  let database: TestDatabase;
  let dataSource: SessionDataSource;
  let position: SettledPosition;
  let own: pg.Client;
  let other: pg.Client;
  beforeAll(async () => {
    database = await createDatabase('postgres');
    // It gives up after some 1.2 seconds.
    const settings = { WRITE_LIMIT_MS: '100' };
    dataSource = new SessionDataSource(storageOptions(databaseConfig(database.url, settings)));
    await dataSource.initialize();
    await dataSource.runMigrations();
    position = SettledPosition.of(dataSource.getRepository(LogEntry));
    own = new pg.Client({ connectionString: database.url, application_name: 'daybook' });
    other = new pg.Client({ connectionString: database.url, application_name: 'psql' });
    await own.connect();
    await other.connect();
  });
  afterAll(async () => {
    await own.end();
    await other.end();
    await dataSource.destroy();
    await database.drop();
  });

  /** The newest id. */
  const newestId = async () =>
    ((await own.query('SELECT max(id)::int AS id FROM logs')).rows as [{ id: number }])[0].id;

  it('goes up to the first missing id, and on when those have ended who were writing then', async () => {
    await own.query(ROW);
    expect(await position.now()).toBe(1);
    await other.query(ROW);
    await own.query('BEGIN');
    await own.query(ROW);
    await other.query(ROW);
    expect(await position.now()).toBe(2);
    expect(await position.forAnswer()).toBe(2);
    // Somebody is always writing, though not the same.
    await other.query('BEGIN');
    await other.query(ROW);
    await own.query('ROLLBACK');
    expect(await position.now()).toBe(4);
    await own.query('BEGIN');
    await own.query(ROW);
    await other.query('COMMIT');
    expect(await position.now()).toBe(5);
    await own.query('COMMIT');
    expect(await position.now()).toBe(6);
  });

  it('waits for a transaction of its own application as long as it takes, and not for that of another', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    for (const client of [own, other]) {
      await client.query('BEGIN');
      await client.query(ROW);
    }
    await dataSource.query(ROW);
    await vi.waitFor(
      async () => {
        expect(await position.now()).toBe(6);
        expect(warn).toHaveBeenCalledWith(expect.stringMatching(/logs for over 1200 ms .*up to the id 9 /));
      },
      { timeout: 60_000, interval: 20 },
    );
    expect(await position.now()).toBe(6);
    await own.query('COMMIT');
    await vi.waitFor(async () => expect(await position.now()).toBe(9), { timeout: 60_000, interval: 20 });
    expect(warn).toHaveBeenCalledTimes(1);
    await other.query('ROLLBACK');
    warn.mockRestore();
  });

  it('gives up a command of its own, which has no limit of time', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const command = await longSource(storageOptions(databaseConfig(database.url)));
    const runner = command.createQueryRunner();
    await runner.startTransaction();
    await runner.query(ROW);
    await dataSource.query(ROW);
    const newest = await newestId();
    expect(await position.now()).toBeLessThan(newest);
    await vi.waitFor(async () => expect(await position.now()).toBe(newest), {
      timeout: 60_000,
      interval: 20,
    });
    expect(warn).toHaveBeenCalledTimes(1);
    for (const source of [command, dataSource]) {
      expect(await source.query('SHOW tcp_keepalives_idle')).toEqual([{ tcp_keepalives_idle: '15' }]);
    }
    expect(await command.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await runner.rollbackTransaction();
    await runner.release();
    await command.destroy();
    warn.mockRestore();
  });

  it('warns once of a transaction that is prepared, while one of its own goes on', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const before = await position.now();
    const writers = [
      { id: '3/1', process: 1, own: true },
      { id: '-1/7', process: null, own: false },
    ];
    const look = vi
      .spyOn(CompiledStatement.prototype, 'rows')
      .mockResolvedValue([{ newest: before + 2, unbroken: null, writers }]);
    let looks = 0;
    await vi.waitFor(
      async () => {
        expect(await position.now()).toBe(before);
        looks += warn.mock.calls.length > 0 ? 1 : 0;
        expect(looks).toBe(5);
      },
      { timeout: 60_000, interval: 20 },
    );
    expect(warn).toHaveBeenCalledTimes(1);
    look.mockRestore();
    warn.mockRestore();
  });

  it('gives no page rows that a standby may have read after the primary told the position', async () => {
    const columns = { time: 'timestamp', text: 'message' } as const;
    const search = new JsonSearch(dataSource.getRepository(LogEntry), LogDto.members, columns);
    const page = async () => {
      const parts: string[] = [];
      for await (const part of search.lines({ settled: true, after: 1, limit: 1 })) parts.push(part);
      return parts;
    };
    expect(await page()).toHaveLength(1);
    const reads = vi
      .spyOn(dataSource.engine, 'standbyReads', 'get')
      .mockReturnValueOnce(0)
      .mockReturnValue(1);
    expect(await page()).toEqual([]);
    reads.mockRestore();
  });

  it('asks again after a failure', async () => {
    const [first] = await Promise.allSettled([dataSource.destroy().then(() => position.now())]);
    expect(first.status).toBe('rejected');
    await dataSource.initialize();
    expect(await position.now()).toBe(await newestId());
  });
});
