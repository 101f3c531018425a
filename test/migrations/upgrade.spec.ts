import { readFile } from 'node:fs/promises';
import { verify } from '@node-rs/argon2';
import Database from 'better-sqlite3';
import pg from 'pg';
import { verifyDatabase } from '../../src/checks/verify-database.js';
import { openReader } from '../../src/storage/open-for-command.js';
import { startApp, type TestApp } from '../support/app.js';
import { createDatabase, databaseConfig, type Engine, type TestDatabase } from '../support/databases.js';

/** A database as an older version left it. */
interface Old {
  /** What makes it. */
  readonly file: string;
  readonly engine: Engine;
  /** What that version answered, by the path. */
  readonly answers: string;
  /** The ids that it would have given next: behind those of deleted rows. */
  readonly next: Record<'log' | 'task' | 'user' | 'item' | 'note' | 'list' | 'step', number>;
}

const next = { log: 10, task: 11, user: 4, item: 5, note: 5, list: 4, step: 5 };
const databases: readonly Old[] = [
  { file: 'database-of-0.1.0.sql', engine: 'sqlite', answers: 'answers-of-0.1.0.json', next },
  { file: 'database-of-0.1.0.postgres.sql', engine: 'postgres', answers: 'answers-of-0.1.0.json', next },
  {
    file: 'database-of-the-first-schema.sql',
    engine: 'sqlite',
    answers: 'answers-of-the-first-schema.json',
    next: { ...next, log: 8, task: 6, list: 1, step: 1 },
  },
];

const textOf = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

/** Makes a database of statements, past Daybook. */
async function makeDatabase(engine: Engine, sql: string): Promise<TestDatabase> {
  const database = await createDatabase(engine);
  if (engine === 'sqlite') {
    new Database(databaseConfig(database.url).file).exec(sql).close();
    return database;
  }
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
  return database;
}

/** Asks a database, past the service. */
async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await openReader(databaseConfig(url));
  return reader.query<Record<string, unknown>[]>(sql).finally(() => reader.destroy());
}

const SCHEMA: Record<Engine, readonly string[]> = {
  sqlite: ['SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'],
  postgres: [
    `SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`,
    `SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname`,
    `SELECT sequencename, data_type, start_value, max_value, increment_by, cache_size
       FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename`,
  ],
};

/** All that is said of the tables, but not their rows. */
const schemaOf = (engine: Engine, url: string) => Promise.all(SCHEMA[engine].map((sql) => query(url, sql)));

describe.each(databases)('$file, opened by this version,', ({ file, engine, answers, next: ids }) => {
  let database: TestDatabase;
  let test: TestApp;
  beforeEach(async () => {
    database = await makeDatabase(engine, await textOf(file));
    test = await startApp(engine, { database });
  });
  afterEach(async () => {
    await test.close();
    await database.drop();
  });

  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
    const response = await test.app.inject({ method, url, payload });
    return { status: response.statusCode, body: response.json<unknown>() };
  };
  const answersThen = async () => JSON.parse(await textOf(answers)) as Record<string, object>;
  const idOf = async (table: string, where: string) =>
    (await query(database.url, `SELECT id FROM ${table} WHERE ${where}`)).map(({ id }) => id);

  it('answers as it did', async () => {
    for (const [path, then] of Object.entries(await answersThen())) {
      const { status, body } = await send('GET', path);
      expect(status, path).toBe(200);
      // A later version may tell more.
      expect(body, path).toMatchObject(then);
    }
  });

  it('has the schema and the migrations of a new one', async () => {
    const fresh = await startApp(engine);
    const migrations = 'SELECT name FROM migrations ORDER BY id';
    try {
      expect(await schemaOf(engine, database.url)).toEqual(await schemaOf(engine, fresh.databaseUrl));
      expect(await query(database.url, migrations)).toEqual(await query(fresh.databaseUrl, migrations));
    } finally {
      await fresh.close();
    }
  });

  it('is whole', async () => {
    const findings = await verifyDatabase(databaseConfig(database.url));
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    if (engine === 'sqlite') {
      expect(await query(database.url, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      expect(await query(database.url, 'PRAGMA foreign_key_check')).toEqual([]);
    }
  });

  it('gives no id again', async () => {
    await send('POST', '/log', { message: 'New' });
    expect(await idOf('logs', `message = 'New'`)).toEqual([ids.log]);
    expect((await send('POST', '/tasks', { name: 'New', done: false })).body).toMatchObject({ id: ids.task });
    const user = { email: 'new@example.com', password: 'correct horse' };
    expect((await send('POST', '/users', user)).body).toMatchObject({ id: ids.user });
    const item = { title: 'New', description: null };
    expect((await send('POST', `/users/${ids.user}/items`, item)).body).toMatchObject({ id: ids.item });
    expect((await send('POST', '/notes', { text: 'New', completed: false })).body).toMatchObject({
      id: ids.note,
    });
    const dump = {
      lists: [{ id: 'L', title: 'New' }],
      tasks: [{ id: 'T', list_id: 'L', title: 'New, too' }],
      steps: [{ id: 'S', task_id: 'T', title: 'New' }],
    };
    expect((await send('POST', '/tasks/import', dump)).status).toBe(200);
    expect(await idOf('tasks', `name = 'New, too'`)).toEqual([ids.task + 1]);
    expect(await idOf('task_lists', `title = 'New'`)).toEqual([ids.list]);
    expect(await idOf('task_steps', `title = 'New'`)).toEqual([ids.step]);
  });

  it('takes changes of what is there', async () => {
    const task = { name: 'Water the plants', done: true };
    expect((await send('PUT', '/tasks/1', task)).status).toBe(200);
    expect((await send('GET', '/tasks/1')).body).toMatchObject({ ...task, id: 1 });
    expect((await send('DELETE', '/tasks/2')).status).toBe(200);
    expect((await send('GET', '/tasks/2')).status).toBe(404);
    const note = { text: 'Buy cheese', completed: true };
    expect((await send('PUT', '/notes/1', note)).status).toBe(200);
    expect((await send('DELETE', '/notes/3')).status).toBe(200);
    expect((await send('GET', '/notes')).body).toMatchObject([{ ...note, id: 1 }]);
    const item = { title: 'Desk', description: null };
    expect((await send('POST', '/users/3/items', item)).status).toBe(200);
    expect((await send('GET', '/users/3')).body).toMatchObject({ items: [{ ...item, owner_id: 3 }] });
  });

  it('knows its users', async () => {
    const user = { email: 'BOB.builder@example.com', password: 'correct horse' };
    expect((await send('POST', '/users', user)).status).toBe(400);
    const hashes = await query(database.url, 'SELECT password_hash FROM users');
    expect(hashes).toHaveLength(3);
    for (const { password_hash: hash } of hashes) {
      expect(await verify(String(hash), 'not-a-real-password')).toBe(true);
    }
  });

  it('knows its tasks in a dump', async () => {
    const exported = (await send('GET', '/tasks/export?format=json')).body as object;
    const before = (await send('GET', '/tasks?include=details')).body;
    const { body: report } = await send('POST', '/tasks/import', exported);
    expect(report).toMatchObject({ lists: { new: 0 }, tasks: { new: 0 }, steps: { new: 0 }, faulty: 0 });
    expect((await send('GET', '/tasks?include=details')).body).toEqual(before);
  });
});

describe.each(databases.filter(({ answers }) => answers === 'answers-of-0.1.0.json'))(
  'what was imported into $file',
  ({ file, engine }) => {
    it('is found when the rest of it comes', async () => {
      const database = await makeDatabase(engine, await textOf(file));
      const { app, close } = await startApp(engine, { database });
      try {
        // The list of T3 and the task of S3 were not there yet.
        const dump = {
          lists: [{ id: 'L9', title: 'House' }],
          tasks: [
            { id: 'T3', list_id: 'L9', title: 'Of a list that is not there' },
            { id: 'T9', list_id: 'L9', title: 'Clean the windows' },
          ],
        };
        await app.inject({ method: 'POST', url: '/tasks/import', payload: dump });
        const house = { id: 4, title: 'House' };
        const at = async (id: number) => (await app.inject(`/tasks/${id}?include=details`)).json<unknown>();
        expect(await at(7)).toMatchObject({ name: 'Of a list that is not there', list: house });
        expect(await at(9)).toMatchObject({
          name: 'Clean the windows',
          list: house,
          steps: [{ title: 'Of a task that is not there' }],
        });
      } finally {
        await close();
        await database.drop();
      }
    });
  },
);
