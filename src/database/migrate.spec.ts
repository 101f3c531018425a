import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import Database from 'better-sqlite3';
import {
  DataSource,
  type DataSourceOptions,
  type MigrationInterface,
  QueryFailedError,
  type QueryRunner,
  Table,
  TableColumn,
} from 'typeorm';
import { connectionTo } from '../../test/database/support.js';
import {
  administer,
  createDatabase,
  type Engine,
  engines,
  type TestDatabase,
} from '../../test/support/databases.js';
import { longSource } from './long-sources.js';
import { migrate, MigrationError, revertMigration } from './migrate.js';
import { readMigrationState } from './migration-state.js';
import { raiseSequences, readSequences } from './sqlite/sequences.js';

type Migration = new () => MigrationInterface;

const column = () => new TableColumn({ name: 'extra', type: 'text', isNullable: true });

class MakeTables1000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const id = {
      name: 'id',
      type: 'integer',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
    } as const;
    await runner.createTable(new Table({ name: 'parent', columns: [id] }));
    await runner.createTable(
      new Table({
        name: 'child',
        columns: [id, { name: 'parent_id', type: 'integer' }],
        foreignKeys: [
          {
            columnNames: ['parent_id'],
            referencedTableName: 'parent',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('child');
    await runner.dropTable('parent');
  }
}

/** On SQLite each of its tables is made anew. */
class AddColumns1000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['parent', 'child']) await runner.addColumn(table, column());
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['parent', 'child']) await runner.dropColumn(table, 'extra');
  }
}

const failingWith = (fail: (runner: QueryRunner) => Promise<unknown>): Migration =>
  class Failing1000000000003 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.createTable(new Table({ name: 'half', columns: [{ name: 'id', type: 'integer' }] }));
      await fail(runner);
    }

    async down(): Promise<void> {}
  };

/** SQL that fails with a SQLSTATE, as it does where that cannot be had. */
const raising = (code: string) =>
  `DO $$ BEGIN RAISE EXCEPTION 'no (${code})' USING ERRCODE = '${code}'; END $$`;

const BOTH: Migration[] = [MakeTables1000000000001, AddColumns1000000000002];

/** An empty database for each test, and what is done with it. */
function useDatabase(engine: Engine) {
  let database: TestDatabase;
  let sources: DataSource[];

  /** A data source of a version that has these migrations. */
  const version = async (migrations: Migration[]): Promise<DataSource> => {
    // On SQLite nobody waits on the event loop, which those who have the lock are on as well.
    const options = { ...connectionTo(engine, database.url), migrations, timeout: 0 } as DataSourceOptions;
    const source = await longSource(options);
    sources.push(source);
    return source;
  };
  const has = async (source: DataSource, table: string) => {
    const runner = source.createQueryRunner();
    return runner.hasTable(table).finally(() => runner.release());
  };
  const rows = (source: DataSource, table: string) =>
    source.query<{ id: number }[]>(`SELECT id FROM ${table} ORDER BY id`);
  const add = async (source: DataSource) => {
    await source.query('INSERT INTO parent DEFAULT VALUES');
    await source.query('INSERT INTO child (parent_id) VALUES (1)');
  };

  beforeEach(async () => {
    sources = [];
    database = await createDatabase(engine);
  });
  afterEach(async () => {
    for (const source of sources) await source.destroy();
    await database.drop();
  });

  return { version, has, rows, add, file: () => database.url.slice('sqlite:'.length) };
}

describe.each(engines)('migrate on %s', (engine: Engine) => {
  const { version, has, rows, add } = useDatabase(engine);

  it('runs what has not run, once', async () => {
    const first = await version([MakeTables1000000000001]);
    expect(await readMigrationState(first)).toEqual({
      isMigrated: false,
      last: undefined,
      pending: ['MakeTables1000000000001'],
      unknown: [],
    });
    await migrate(first);
    await add(first);
    await migrate(first);
    const second = await version(BOTH);
    expect(await readMigrationState(second)).toMatchObject({
      isMigrated: true,
      pending: ['AddColumns1000000000002'],
    });
    await migrate(second);
    expect(await second.query('SELECT extra FROM child')).toEqual([{ extra: null }]);
    expect(await readMigrationState(second)).toEqual({
      isMigrated: true,
      last: 'AddColumns1000000000002',
      pending: [],
      unknown: [],
    });
  });

  it('keeps the rows that belong to others, and gives no id again', async () => {
    const source = await version(BOTH);
    await migrate(source);
    await add(source);
    await add(source);
    await source.query('DELETE FROM child WHERE id = 2');
    await revertMigration(source);
    await migrate(source);
    expect(await rows(source, 'child')).toEqual([{ id: 1 }]);
    await add(source);
    expect(await rows(source, 'child')).toEqual([{ id: 1 }, { id: 3 }]);
    // What is deleted takes its children along, as before.
    await source.query('DELETE FROM parent WHERE id = 1');
    expect(await rows(source, 'child')).toEqual([]);
  });

  it('takes the last one back, and only that', async () => {
    const source = await version(BOTH);
    await migrate(source);
    await revertMigration(source);
    expect(await has(source, 'child')).toBe(true);
    await expect(source.query('SELECT extra FROM child')).rejects.toThrow(/extra/);
    await revertMigration(source);
    expect(await has(source, 'child')).toBe(false);
  });

  it('refuses what a newer version has written, and changes nothing', async () => {
    await migrate(await version([MakeTables1000000000001]));
    const newer = await version(BOTH);
    await migrate(newer);
    class Other1000000000004 extends AddColumns1000000000002 {}
    const other = await version([MakeTables1000000000001, Other1000000000004]);
    for (const change of [migrate, revertMigration]) {
      const error: unknown = await change(other).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(MigrationError);
      expect(error).toMatchObject({
        message:
          'The database was written by a newer version: it has the migration AddColumns1000000000002, which this one does ' +
          'not know. Start that version, or restore a backup from before it.',
      });
    }
    expect(await readMigrationState(other)).toMatchObject({
      pending: ['Other1000000000004'],
      unknown: ['AddColumns1000000000002'],
    });
    expect(await newer.query('SELECT extra FROM child')).toEqual([]);
  });

  it('leaves the database as it was where one fails, with a sentence for SQL and the error itself otherwise', async () => {
    const own = new Error('of the migration itself');
    const outcomes = [];
    for (const fail of [
      (runner: QueryRunner) => runner.query('SELECT * FROM nowhere'),
      () => Promise.reject(own),
    ]) {
      const source = await version([...BOTH, failingWith(fail)]);
      outcomes.push(await migrate(source).catch((error: unknown) => error));
      expect([await has(source, 'parent'), await has(source, 'half')]).toEqual([false, false]);
      expect((await readMigrationState(source)).isMigrated).toBe(false);
    }
    const [ofSql, ofMigration] = outcomes;
    expect(ofSql).toBeInstanceOf(MigrationError);
    expect((ofSql as Error).message).toMatch(/^The schema could not be changed and is as it was: .*nowhere/);
    expect((ofSql as Error).cause).toBeInstanceOf(QueryFailedError);
    expect(ofMigration).toBe(own);
    // It has let go of everything.
    const corrected = await version(BOTH);
    await migrate(corrected);
    expect(await has(corrected, 'child')).toBe(true);
  });

  it('runs each once where several begin at once', async () => {
    const all = await Promise.all([version(BOTH), version(BOTH), version(BOTH)]);
    await Promise.all(all.map((source) => migrate(source)));
    expect(await all[0].query('SELECT name FROM migrations ORDER BY id')).toEqual(
      BOTH.map(({ name }) => ({ name })),
    );
  });
});

describe('migrate on PostgreSQL', () => {
  const { version, has } = useDatabase('postgres');
  const waits = { lockMs: 20, pauseMs: 1, limitMs: 60_000, otherLimitMs: 60_000 };

  /** Holds a lock on a connection of its own while `work` runs. */
  const holding = async (
    source: DataSource,
    sql: string,
    work: (release: () => Promise<unknown>) => unknown,
  ) => {
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await runner.query(sql);
    await work(() => runner.rollbackTransaction());
    await runner.release();
  };
  const TABLE = 'LOCK TABLE parent IN ACCESS SHARE MODE';
  const OTHER = 'SELECT pg_advisory_xact_lock(20251124)';

  it.each([
    [TABLE, 'Migrating waits for connections that hold locks of its tables.'],
    [OTHER, 'Migrating waits for another process that migrates.'],
  ])('waits for %s, and says so', async (sql, line) => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    await migrate(await version([MakeTables1000000000001]));
    const source = await version(BOTH);
    await holding(source, sql, async (release) => {
      const done = migrate(source, waits);
      await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(line));
      // Nobody waits behind it between two tries.
      await source.query('SELECT id FROM parent');
      await release();
      await done;
    });
    expect(await source.query('SELECT extra FROM child')).toEqual([]);
    warn.mockRestore();
  });

  it.each([
    [
      TABLE,
      /^The schema could not be changed and is as it was: gave up waiting for connections that hold locks/,
    ],
    [OTHER, /^The schema could not be changed and is as it was: gave up waiting for another process/],
  ])('gives up waiting for %s with a sentence', async (sql, sentence) => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    await migrate(await version([MakeTables1000000000001]));
    const source = await version(BOTH);
    await holding(source, sql, async () => {
      const error: unknown = await migrate(source, { ...waits, limitMs: 0, otherLimitMs: 0 }).catch(
        (failure: unknown) => failure,
      );
      expect(error).toBeInstanceOf(MigrationError);
      expect((error as Error).message).toMatch(sentence);
    });
    expect(await has(source, 'child')).toBe(true);
    expect(await readMigrationState(source)).toMatchObject({ pending: ['AddColumns1000000000002'] });
    warn.mockRestore();
  });
});

describe('migrate on a PostgreSQL with limits of its own', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase('postgres');
    const name = new URL(database.url).pathname.slice(1);
    await administer(`ALTER DATABASE ${name} SET statement_timeout = 50`);
    await administer(`ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = 50`);
  });
  afterEach(() => database.drop());

  /** What a migration ends with, how often it was begun, and what is printed besides. */
  const outcomeOf = async (fail: (runner: QueryRunner) => Promise<unknown>) => {
    let tries = 0;
    const failing = failingWith((runner) => ((tries += 1), fail(runner)));
    const options = { ...connectionTo('postgres', database.url), migrations: [failing], logging: false };
    const source = await longSource(options);
    const print = vi.spyOn(console, 'log').mockReturnValue();
    const error = await migrate(source).catch((failure: unknown) => failure as Error);
    const printed = print.mock.calls.length;
    print.mockRestore();
    await source.destroy();
    return { error, tries, printed };
  };

  it('has none', async () => {
    const limits = ['statement_timeout', 'idle_in_transaction_session_timeout'];
    const found: unknown[] = [];
    const { error } = await outcomeOf(async (runner) => {
      for (const limit of limits) found.push(await runner.query(`SHOW ${limit}`));
    });
    expect(error).toBeUndefined();
    expect(found).toEqual(limits.map((limit) => [{ [limit]: '0' }]));
  });

  it.each([
    [
      '57014',
      'SELECT pg_cancel_backend(pg_backend_pid())',
      /^The schema .* as it was: PostgreSQL has cancelled/,
    ],
    ['53100', raising('53100'), /^The schema .* as it was: .*\(53100\)/],
  ])('begins no migration again that is refused with %s', async (_, sql, sentence) => {
    const { error, tries, printed } = await outcomeOf((runner) => runner.query(sql));
    expect(error).toBeInstanceOf(MigrationError);
    expect((error as Error).message).toMatch(sentence);
    expect([tries, printed]).toEqual([1, 0]);
  });
});

describe('migrate on SQLite', () => {
  const { version, has, add, file } = useDatabase('sqlite');

  it('has foreign keys on again, also after one that failed', async () => {
    let during: unknown;
    const looks = failingWith(async (runner) => {
      during = await runner.query('PRAGMA foreign_keys');
      throw new Error('no');
    });
    const source = await version([looks]);
    await expect(migrate(source)).rejects.toThrow('no');
    expect(during).toEqual([{ foreign_keys: 0 }]);
    expect(await source.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  });

  it('waits for another process that has the lock', async () => {
    const source = await version(BOTH);
    const other = new Database(file());
    other.pragma('journal_mode = WAL');
    other.exec('BEGIN IMMEDIATE');
    let isDone = false;
    const done = migrate(source).then(() => (isDone = true));
    for (let n = 0; n < 10; n += 1) await nextTurn();
    expect(isDone).toBe(false);
    other.exec('COMMIT');
    other.close();
    await done;
    expect(await has(source, 'child')).toBe(true);
  });

  it('raises the last ids of tables that are there, and never goes back', async () => {
    const source = await version(BOTH);
    await migrate(source);
    const runner = source.createQueryRunner();
    await add(source);
    await raiseSequences(runner, [
      { name: 'parent', seq: 7 },
      { name: 'child', seq: 0 },
      { name: 'gone', seq: 9 },
    ]);
    const sequences = await readSequences(runner);
    expect(sequences.filter(({ name }) => name !== 'migrations')).toEqual(
      expect.arrayContaining([
        { name: 'parent', seq: 7 },
        { name: 'child', seq: 1 },
      ]),
    );
    expect(sequences.map(({ name }) => name)).not.toContain('gone');
    await source.query('DELETE FROM sqlite_sequence');
    await raiseSequences(runner, [{ name: 'child', seq: 4 }]);
    expect(await readSequences(runner)).toEqual([{ name: 'child', seq: 4 }]);
    await runner.release();
  });

  it('finds no last ids where no table gives any', async () => {
    const source = await version([]);
    const runner = source.createQueryRunner();
    expect(await readSequences(runner)).toEqual([]);
    await runner.release();
  });
});
