import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import type { DataSource, Repository } from 'typeorm';
import { InsertBatcher } from '../../src/database/index.js';
import { connectionOf } from '../../src/database/typeorm-internals.js';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { Note } from '../../src/notes/note.entity.js';
import { Task } from '../../src/tasks/task.entity.js';
import { User } from '../../src/users/user.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { createDatabase, databaseConfig, engines } from '../support/databases.js';
import { startServer } from '../support/server.js';

/** What the transactions of an application do. */
function unitsOf({ app }: TestApp) {
  const dataSource = app.get<DataSource>(getDataSourceToken());
  const tasks = app.get<Repository<Task>>(getRepositoryToken(Task));
  return {
    tasks,
    users: app.get<Repository<User>>(getRepositoryToken(User)),
    notes: app.get<Repository<Note>>(getRepositoryToken(Note)),
    unit: <T>(work: () => Promise<T>) => dataSource.transaction(work),
    names: async () => (await tasks.find({ order: { id: 'ASC' } })).map(({ name }) => name),
  };
}

const named = (name: string) => ({ name, done: false });

describe.each(engines)('units that go wrong on %s', (engine) => {
  let test: TestApp;
  let units: ReturnType<typeof unitsOf>;

  beforeAll(async () => {
    test = await startApp(engine);
    units = unitsOf(test);
  });
  afterAll(() => test.close());
  beforeEach(() => units.unit(() => units.tasks.deleteAll()));

  it('fail as a whole when a statement has failed, even if that was caught', async () => {
    const { unit, tasks, users, names } = units;
    const ada = { email: 'a@b.example', emailKey: 'a@b.example', passwordHash: '-', isActive: true };
    await unit(() => users.insert({ ...ada }));
    const swallowing = unit(async () => {
      await tasks.save(named('before'));
      await users.insert({ ...ada }).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow(/unique/i);
    expect(await names()).toEqual([]);
  });

  it('keep nothing of what goes on when another part has failed', async () => {
    const { unit, tasks, names } = units;
    const many = Array.from({ length: 20 }, (_, n) => named(`failed ${n}`));
    const failing = unit(() =>
      Promise.all([Promise.reject(new Error('a part fails')), tasks.save(many, { chunk: 1 })]),
    );
    const other = unit(() => tasks.save(named('other')));
    await expect(failing).rejects.toThrow('a part fails');
    await other;
    await unit(() => tasks.save(named('next')));
    expect(await names()).toEqual(['other', 'next']);
  });

  it('fail when something is begun and not awaited, and write nothing that comes after their end', async () => {
    const { unit, tasks, names } = units;
    let loose: Promise<unknown> = Promise.resolve();
    const careless = unit(async () => {
      await tasks.save(named('awaited'));
      loose = tasks.save([named('loose 1'), named('loose 2')], { chunk: 1 });
      loose.catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('await all of them');
    await expect(loose).rejects.toThrow(/has ended|await all of them/);
    await unit(() => tasks.save(named('next')));
    expect(await names()).toEqual(['next']);
  });

  it('fail when a statement is under way at their end', async () => {
    const { unit, tasks, names } = units;
    const careless = unit(async () => {
      await tasks.save(named('awaited'));
      void tasks.query('SELECT 1');
    });
    await expect(careless).rejects.toThrow('await all of them');
    expect(await names()).toEqual([]);
  });

  it('leave the row of a batch as it was given, so that a second run asks for no id of the first', async () => {
    const logs = test.app.get<Repository<LogEntry>>(getRepositoryToken(LogEntry));
    const batcher = new InsertBatcher(logs);
    const row = { message: 'one', timestamp: '2026-11-22T15:00:00.123Z' };
    await Promise.all([batcher.insert(row), batcher.insert(row)]);
    expect(row).toEqual({ message: 'one', timestamp: '2026-11-22T15:00:00.123Z' });
    expect((await test.app.inject('/logs')).json<{ logs: unknown[] }>().logs).toHaveLength(2);
  });

  it("work with TypeORM's own transactions inside, which are savepoints", async () => {
    const { unit, tasks, names } = units;
    await unit(async () => {
      await tasks.save(named('outer'));
      await tasks.manager.transaction((manager) => manager.insert(Task, named('inner')));
      const failing = tasks.manager.transaction(async (manager) => {
        await manager.insert(Task, named('undone'));
        throw new Error('undo');
      });
      await expect(failing).rejects.toThrow('undo');
    });
    expect(await names()).toEqual(['outer', 'inner']);
  });
});

describe('units that meet a full disk on SQLite', () => {
  let test: TestApp;
  let units: ReturnType<typeof unitsOf>;
  let database: BetterSqlite3.Database;
  const big = 'x'.repeat(100_000);

  beforeAll(async () => {
    test = await startApp('sqlite', { settings: { WRITE_WAIT_MS: '300' } });
    units = unitsOf(test);
    database = connectionOf(test.app.get(getDataSourceToken()));
    database.pragma(`max_page_count = ${(database.pragma('page_count', { simple: true }) as number) + 5}`);
  });
  afterAll(() => test.close());
  beforeEach(() => units.unit(() => units.tasks.deleteAll()));

  it('write nothing after it, though SQLite has ended the transaction', async () => {
    const { unit, tasks, names } = units;
    const stubborn = unit(async () => {
      await tasks.save(named('one'));
      await tasks.save(named(big)).catch(() => undefined);
      await tasks.save(named('three')).catch(() => undefined);
      throw new Error('gives up');
    });
    await expect(stubborn).rejects.toThrow('gives up');
    expect(await names()).toEqual([]);
  });

  it("leave the queue in order, even inside TypeORM's own transaction", async () => {
    const { unit, tasks, names } = units;
    const failing = unit(() => tasks.manager.transaction((manager) => manager.insert(Task, named(big))));
    await expect(failing).rejects.toThrow(/full/);
    for (const name of ['a', 'b', 'c']) await unit(() => tasks.save(named(name)));
    expect(database.inTransaction).toBe(false);
    const other = new BetterSqlite3(databaseConfig(test.databaseUrl).file, { readonly: true });
    expect(other.prepare('SELECT count(*) FROM tasks').pluck().get()).toBe(3);
    other.close();
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  it('let those beside them wait no longer than others, when they run again and the lock is taken', async () => {
    const { unit, tasks } = units;
    const other = new BetterSqlite3(databaseConfig(test.databaseUrl).file, { timeout: 5_000 });
    const beside = unit(() => tasks.save(named('beside')));
    const failing = unit(async () => {
      try {
        return await tasks.save(named(big));
      } finally {
        // SQLite has let the lock go with its transaction: another process takes it before the second run.
        other.exec('BEGIN IMMEDIATE');
      }
    });
    await expect(failing).rejects.toThrow(/full/);
    await expect(beside).rejects.toThrow('waited longer than 300 ms');
    other.exec('ROLLBACK');
    other.close();
  });
});

describe('a unit on PostgreSQL whose transaction does not begin', () => {
  it('writes nothing, and tells why', async () => {
    const test = await startApp('postgres');
    const { unit, tasks, names } = unitsOf(test);
    const query = pg.Client.prototype.query as (this: pg.Client, ...args: unknown[]) => unknown;
    const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...args: unknown[]
    ) {
      const [text] = args;
      return query.apply(this, String(text).startsWith('BEGIN ') ? ['SELECT 1 / 0'] : args);
    });
    await expect(unit(() => tasks.insert(named('lost')))).rejects.toThrow('division by zero');
    await expect(unit(() => tasks.save(named('lost')))).rejects.toThrow('division by zero');
    spy.mockRestore();
    expect(await names()).toEqual([]);
    await unit(() => tasks.insert(named('kept')));
    expect(await names()).toEqual(['kept']);
    await test.close();
  });
});

describe('a PostgreSQL that swallows what it is sent', () => {
  it('is 503 and not a wait without end', async () => {
    const database = await createDatabase('postgres');
    const { hostname, port, ...url } = parts(database.url);
    const sockets: Socket[] = [];
    let swallow = false;
    const proxy = createServer((client) => {
      const server = connect(Number(port), hostname);
      sockets.push(client, server);
      client.on('data', (bytes) => swallow || server.write(bytes)).on('error', () => undefined);
      server.on('data', (bytes) => swallow || client.write(bytes)).on('error', () => undefined);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const proxyPort = (proxy.address() as { port: number }).port;
    const server = await startServer({
      DATABASE_URL: `postgres://${url.userInfo}@127.0.0.1:${proxyPort}${url.pathname}`,
      WRITE_LIMIT_MS: '300',
      WRITE_WAIT_MS: '300',
    });
    const client = new Client(server.url, 4);
    expect((await client.post('/log', { message: 'before' })).status).toBe(200);
    swallow = true;
    const answers = await Promise.all([
      client.post('/log', { message: 'meanwhile' }),
      client.get('/tasks/1'),
      client.get('/health/ready'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    swallow = false;
    client.close();
    await server.end('SIGKILL');
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await database.drop();
  });
});

function parts(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return { hostname, port, pathname, userInfo: `${username}:${password}` };
}
