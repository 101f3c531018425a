import { DataSource, type QueryRunner, TableColumn } from 'typeorm';
import { SessionDataSource } from '../../src/database/index.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { entities } from '../../src/schema/entities.js';
import { readMigrationState } from '../../src/database/admin.js';
import { migrate, revertMigration } from '../../src/database/migrate.js';
import { migrations } from '../../src/schema/migrations.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { startAndFail, startServer } from '../support/server.js';

describe.each(engines)('migrations on %s', (engine) => {
  const yes = engine === 'sqlite' ? '1' : 'true';
  let database: TestDatabase;
  let writer: DataSource;

  beforeEach(async () => {
    database = await createDatabase(engine);
    writer = await new DataSource(storageOptions(databaseConfig(database.url))).initialize();
  });
  afterEach(async () => {
    await writer.destroy();
    await database.drop();
  });

  /** What would have to be done to make the schema what the entities say. */
  const drift = async () => {
    // As the service's own: TypeORM's would have SQLite's ids of another type.
    const source = await new SessionDataSource(storageOptions(databaseConfig(database.url))).initialize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    return upQueries.map(({ query }) => query);
  };
  const tables = async () => {
    const runner = writer.createQueryRunner();
    const found: boolean[] = [];
    for (const entity of entities) found.push(await runner.hasTable(writer.getMetadata(entity).tableName));
    await runner.release();
    return found;
  };

  it('make of an empty database what the entities say', async () => {
    expect(await drift()).not.toEqual([]);
    await migrate(writer);
    expect(await drift()).toEqual([]);
  });

  it('go down and up again', async () => {
    await migrate(writer);
    for (const _ of migrations) await revertMigration(writer);
    expect(await tables()).toEqual(entities.map(() => false));
    await migrate(writer);
    expect(await drift()).toEqual([]);
  });

  it('keep the rows of other tables when a column is added and taken back, and give no id again', async () => {
    await migrate(writer);
    await writer.query(
      `INSERT INTO users (email, email_key, password_hash, is_active) VALUES ('a', 'a', '-', ${yes})`,
    );
    await writer.query(`INSERT INTO items (title, owner_id) VALUES ('kept', 1), ('deleted', 1)`);
    await writer.query(`DELETE FROM items WHERE title = 'deleted'`);
    const column = () => new TableColumn({ name: 'extra', type: 'text', isNullable: true });
    class AddExtra9999999999998 {
      up = async (runner: QueryRunner) => {
        for (const table of ['users', 'items']) await runner.addColumn(table, column());
      };
      down = async (runner: QueryRunner) => {
        for (const table of ['users', 'items']) await runner.dropColumn(table, 'extra');
      };
    }
    migrations.push(AddExtra9999999999998);
    try {
      const newer = await new DataSource({
        ...storageOptions(databaseConfig(database.url)),
        migrations,
      }).initialize();
      await migrate(newer);
      expect(await newer.query('SELECT title, extra FROM items')).toEqual([{ title: 'kept', extra: null }]);
      await revertMigration(newer);
      await newer.destroy();
    } finally {
      migrations.pop();
    }
    expect(await drift()).toEqual([]);
    await writer.query(`INSERT INTO items (title, owner_id) VALUES ('new', 1)`);
    expect(await writer.query('SELECT id, title FROM items ORDER BY id')).toEqual([
      { id: 1, title: 'kept' },
      { id: 3, title: 'new' },
    ]);
  });

  it('keep the tasks when their details come and go', async () => {
    await migrate(writer);
    await writer.query(`INSERT INTO tasks (name, done) VALUES ('kept', ${yes})`);
    await writer.query(`INSERT INTO task_lists (title, external_id) VALUES ('Garden', 'L1')`);
    await writer.query(`INSERT INTO task_details (task_id, list_id, external_id) VALUES (1, 1, 'T1')`);
    while (await writer.createQueryRunner().hasTable('task_details')) await revertMigration(writer);
    await migrate(writer);
    expect(await writer.query('SELECT id, name FROM tasks')).toEqual([{ id: 1, name: 'kept' }]);
    expect(await writer.query('SELECT * FROM task_details')).toEqual([]);
  });

  it('take wide ids back where all fit, and refuse it where one was given that does not', async () => {
    await migrate(writer);
    const revertTo = async (name: string) => {
      const last = async () => (await readMigrationState(writer)).last;
      while ((await last()) !== name) await revertMigration(writer);
    };
    const add = (id: number) =>
      writer.query(`INSERT INTO notes (id, text, completed) VALUES (${id}, 'kept', ${yes})`);
    const give = (id: number) =>
      engine === 'postgres' && writer.query(`SELECT setval(pg_get_serial_sequence('notes', 'id'), ${id})`);
    const ids = async () =>
      (await writer.query<{ id: number }[]>('SELECT id FROM notes ORDER BY id')).map(({ id }) => id);
    await add(2_147_483_647);
    await give(2_147_483_647);
    await revertTo('TaskOrigin1764300000000');
    await migrate(writer);
    await add(2_147_483_648);
    await give(2_147_483_648);
    const back = revertTo('TaskOrigin1764300000000');
    // SQLite has had them all along.
    if (engine === 'sqlite') await back;
    else
      await expect(back).rejects.toThrow('notes has given ids beyond 2147483647, which the version before');
    expect(await ids()).toEqual([2_147_483_647, 2_147_483_648]);
  });

  it('keep the rows when there is nothing to do', async () => {
    await migrate(writer);
    await writer.query(`INSERT INTO tasks (name, done) VALUES ('kept', ${yes})`);
    await migrate(writer);
    expect(await writer.query('SELECT name FROM tasks')).toEqual([{ name: 'kept' }]);
  });

  it('leave the database as it was when one fails', async () => {
    const broken = await new DataSource({
      ...storageOptions(databaseConfig(database.url)),
      migrations: [
        ...migrations,
        class Broken9999999999999 {
          up = () => Promise.reject(new Error('broken'));
          down = () => Promise.resolve();
        },
      ],
    }).initialize();
    await expect(migrate(broken)).rejects.toThrow('broken');
    await broken.destroy();
    expect(await tables()).toEqual(entities.map(() => false));
  });

  it('refuse a database that a newer Daybook has written', async () => {
    await migrate(writer);
    await writer.query(
      `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')`,
    );
    const { code, output } = await startAndFail({ DATABASE_URL: database.url });
    expect(code).toBe(1);
    expect(output).toBe(
      'The database was written by a newer version: it has the migration FromTheFuture9999999999999, which this ' +
        'one does not know. Start that version, or restore a backup from before it.',
    );
  });

  it('run once when ten processes start at once on an empty database', async () => {
    const servers = await Promise.all(
      Array.from({ length: 10 }, () => startServer({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '2' })),
    );
    const ready = await Promise.all(servers.map(({ url }) => fetch(`${url}/health/ready`)));
    expect(ready.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    const rows: { name: string }[] = await writer.query('SELECT name FROM migrations ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
    expect(await drift()).toEqual([]);
  });
});

describe('ids of 64 bits on PostgreSQL', () => {
  let database: TestDatabase;
  let writer: DataSource;
  beforeEach(async () => {
    database = await createDatabase('postgres');
    writer = await new DataSource(storageOptions(databaseConfig(database.url))).initialize();
  });
  afterEach(async () => {
    await writer.destroy();
    await database.drop();
  });

  it('leave the planner what it knew of them, there and back', async () => {
    const isKnown = async () => {
      const sql = `SELECT attname FROM pg_stats WHERE tablename = 'logs' AND attname = 'id'`;
      return (await writer.query<unknown[]>(sql)).length > 0;
    };
    const isWide = async () => {
      const sql = `SELECT atttypid::regtype AS "type" FROM pg_attribute WHERE attrelid = 'logs'::regclass AND attname = 'id'`;
      return (await writer.query<{ type: string }[]>(sql))[0]!.type === 'bigint';
    };
    await migrate(writer);
    await writer.query(
      `INSERT INTO logs (timestamp, message) SELECT n::text, n::text FROM generate_series(1, 10) n`,
    );
    while (await isWide()) await revertMigration(writer);
    expect(await isKnown()).toBe(true);
    await migrate(writer);
    expect([await isWide(), await isKnown()]).toEqual([true, true]);
  });
});
