import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getRepositoryToken } from '@nestjs/typeorm';
import Database from 'better-sqlite3';
import pg from 'pg';
import { inject } from 'vitest';
import type { Repository } from 'typeorm';
import { ResponseCache } from '../../src/http/cache/response-cache.js';
import { Item } from '../../src/users/item.entity.js';
import { User } from '../../src/users/user.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { CachedModule, Probe } from '../support/cached.module.js';
import { createDatabase, type Engine, engines, type TestDatabase } from '../support/databases.js';
import { insertRows } from '../support/rows.js';

const startCached = (
  engine: Engine,
  database: TestDatabase,
  settings = {},
  aborted = () => undefined as void,
) =>
  startApp(engine, {
    database,
    // Most tests start the service and none but one searches: a snapshot would only take time.
    settings: { SEARCH_FILE: '/nowhere', ...settings },
    imports: [CachedModule],
    onServer: (server) =>
      server.addHook('onRequestAbort', (_request, done) => {
        aborted();
        done();
      }),
  });

describe.each(engines)('the response cache on %s', (engine) => {
  let database: TestDatabase;
  let test: TestApp;
  let probe: Probe;
  let aborted: () => void = () => undefined;

  const start = (settings: Record<string, string> = {}) =>
    startCached(engine, database, settings, () => aborted());
  const get = (path: string, headers: Record<string, string> = {}, { app } = test) =>
    app.inject({ url: `/cached/${path}`, headers });
  const how = async (path: string, headers?: Record<string, string>) =>
    (await get(path, headers)).headers['x-cache'];
  const post = async (name: string, { app } = test) => {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/tasks',
      payload: { name, done: false },
    });
    expect(statusCode).toBe(200);
  };
  /** Makes the handlers wait once they have read. Answers how to let them go on. */
  const holdUp = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    probe.hold = promise;
    return resolve;
  };
  /** Resolves when so many have asked the cache, and wait. */
  const asked = async (count: number) => {
    const cache = test.app.get(ResponseCache);
    const find = cache.find.bind(cache);
    await new Promise<void>((resolve) => {
      let left = count;
      cache.find = (...args) => {
        if ((left -= 1) === 0) resolve();
        return find(...args);
      };
    });
    await nextTurn();
  };

  beforeEach(async () => {
    database = await createDatabase(engine);
    test = await start();
    probe = test.app.get(Probe);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await test.close();
    await database.drop();
  });

  describe('sees what has changed in the database', () => {
    it('at once, whoever asks', async () => {
      const names: string[] = [];
      for (let n = 0; n < 50; n += 1) {
        expect((await get('tasks')).json()).toEqual(names);
        expect(await how('tasks')).toBe('hit');
        names.push(`task ${n}`);
        await post(`task ${n}`);
      }
      expect(probe.runs).toBe(50);
    });

    it('by update and delete', async () => {
      await post('old');
      expect((await get('tasks')).json()).toEqual(['old']);
      await test.app.inject({ method: 'PUT', url: '/tasks/1', payload: { name: 'new', done: true } });
      expect((await get('tasks')).json()).toEqual(['new']);
      await test.app.inject({ method: 'DELETE', url: '/tasks/1' });
      expect((await get('tasks')).json()).toEqual([]);
    });

    it('and what goes along with a deleted row', async () => {
      const users = test.app.get<Repository<User>>(getRepositoryToken(User));
      await insertRows(test, User, [
        { email: 'a@example.com', emailKey: 'a@example.com', passwordHash: 'x', isActive: true },
      ]);
      await insertRows(test, Item, [{ title: 'Lamp', ownerId: 1 }]);
      expect((await get('items')).json()).toEqual({ items: 1 });
      await users.delete({ id: 1 });
      expect((await get('items')).json()).toEqual({ items: 0 });
    });

    it('and keeps what it has nothing to do with', async () => {
      await get('tasks');
      await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'no task' } });
      await test.app.inject('/health/ready');
      expect(await how('tasks')).toBe('hit');
    });

    it('and keeps it where a transaction has failed', async () => {
      await get('tasks');
      const { statusCode } = await test.app.inject({ method: 'DELETE', url: '/tasks/1' });
      expect(statusCode).toBe(404);
      expect((await get('tasks')).json()).toEqual([]);
    });

    it('though somebody has read it before and answers after', async () => {
      const release = holdUp();
      const read = probe.read;
      const slow = get('tasks');
      await read;
      await post('new');
      // Somebody who asks after the write does not wait for what was read before it.
      const readAgain = probe.read;
      const later = get('tasks');
      await readAgain;
      release();
      expect((await slow).json()).toEqual([]);
      expect((await later).json()).toEqual(['new']);
      expect((await get('tasks')).json()).toEqual(['new']);
      expect(probe.runs).toBe(2);
    });
  });

  describe('with several processes on one database', () => {
    let other: TestApp;
    beforeEach(async () => {
      other = await start();
    });
    afterEach(() => other.close());

    it('serves nothing that another has changed', async () => {
      const names: string[] = [];
      for (let n = 0; n < 50; n += 1) {
        const [writer, reader] = n % 2 === 0 ? [test, other] : [other, test];
        await Promise.all([get('tasks', {}, test), get('tasks', {}, other)]);
        names.push(`task ${n}`);
        await post(`task ${n}`, writer);
        expect((await get('tasks', {}, reader)).json()).toEqual(names);
        expect((await get('tasks', {}, writer)).json()).toEqual(names);
        expect((await get('tasks', {}, reader)).headers['x-cache']).toBe('hit');
      }
    });

    it('does not keep what was read before another has changed it', async () => {
      const release = holdUp();
      const read = probe.read;
      const slow = get('tasks');
      await read;
      await post('new', other);
      release();
      expect((await slow).json()).toEqual([]);
      expect((await get('tasks')).json()).toEqual(['new']);
    });
  });

  describe('is cleared', () => {
    it('by name', async () => {
      await get('pages/a');
      expect(await how('pages/a')).toBe('hit');
      test.app.get(ResponseCache).invalidate('pages');
      expect(await how('pages/a')).toBe('miss');
    });

    it('by time', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      await get('pages/a');
      vi.advanceTimersByTime(59_999);
      const hit = await get('pages/a');
      expect(hit.headers).toMatchObject({ 'x-cache': 'hit', age: '59' });
      vi.advanceTimersByTime(1);
      expect((await get('pages/a')).headers).toMatchObject({ 'x-cache': 'miss', age: '0' });
    });

    it('from its oldest, so that it is never too large', async () => {
      await test.close();
      test = await start({ CACHE_MAX_BYTES: '20000' });
      for (let n = 0; n < 100; n += 1) await get(`pages/${n}`);
      const { body } = await test.app.inject('/metrics');
      expect(Number(/^daybook_cache_bytes (\d+)$/m.exec(body)?.[1])).toBeLessThanOrEqual(20_000);
      expect(Number(/^daybook_cache_entries (\d+)$/m.exec(body)?.[1])).toBeGreaterThan(5);
      expect([await how('pages/99'), await how('pages/0')]).toEqual(['hit', 'miss']);
    });

    it('never filled with CACHE_MAX_BYTES=0', async () => {
      await test.close();
      test = await start({ CACHE_MAX_BYTES: '0' });
      await get('pages/a');
      expect((await get('pages/a')).headers).not.toHaveProperty('x-cache');
      expect(test.app.get(Probe).runs).toBe(2);
    });
  });

  describe('tells apart', () => {
    it('parameters, in whatever order and spelling, and sees no others', async () => {
      const page = { name: 'a', skip: 1, limit: 2 };
      expect((await get('pages/a?skip=1&limit=2')).json()).toEqual(page);
      for (const same of ['?limit=2&skip=1', '?skip=01&limit=%32', '/?skip=1&limit=2&other=3']) {
        const answer = await get(`pages/a${same}`);
        expect([answer.headers['x-cache'], answer.json()]).toEqual(['hit', page]);
      }
      expect((await get('pages/a?skip=2&limit=2')).json()).toEqual({ ...page, skip: 2 });
      expect((await get('pages/b?skip=1&limit=2')).json()).toEqual({ ...page, name: 'b' });
      expect(await how('pages/a')).toBe('miss');
      expect(await how('pages/a?skip=0&limit=100')).toBe('hit');
      expect((await get('pages/a?skip=x')).statusCode).toBe(422);
    });

    it('the headers that it varies with', async () => {
      const languages = await Promise.all(
        ['de', 'en', 'de'].map((one) => get('languages', { 'accept-language': one })),
      );
      expect(probe.runs).toBe(2);
      expect(languages.map(({ headers }) => headers.vary)).toEqual(Array(3).fill('accept-language'));
    });
  });

  describe('runs the work once', () => {
    it('for 50 first visitors', async () => {
      const release = holdUp();
      const all = asked(50);
      const visitors = Array.from({ length: 50 }, () => get('pages/a'));
      await all;
      release();
      const answers = await Promise.all(visitors);
      expect(probe.runs).toBe(1);
      expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
      const hows = answers.map(({ headers }) => headers['x-cache']);
      expect(hows.toSorted()).toEqual([...Array<string>(49).fill('joined'), 'miss']);
      const { body } = await test.app.inject('/metrics');
      expect(body).toContain('daybook_cache_requests_total{result="joined"} 49\n');
    });

    it('for 50 first visitors of what is in the database', async () => {
      await Promise.all(Array.from({ length: 50 }, () => get('tasks')));
      expect(probe.runs).toBe(1);
    });

    it('though the first of them goes away', async () => {
      const gone = new Promise<void>((resolve) => (aborted = resolve));
      await test.app.listen(0, '127.0.0.1');
      const { port } = test.app.getHttpServer().address() as AddressInfo;
      const release = holdUp();
      const read = probe.read;
      const first = httpRequest({ port, path: '/cached/pages/a' }).on('error', () => undefined);
      first.end();
      await read;
      first.destroy();
      await gone;
      const second = get('pages/a');
      release();
      expect((await second).json()).toMatchObject({ name: 'a' });
      expect(await how('pages/a')).toBe('hit');
      expect(probe.runs).toBe(1);
    });

    it('and tells all of them of a failure, which is not kept', async () => {
      const release = holdUp();
      const all = asked(3);
      const visitors = Array.from({ length: 3 }, () => get('failure'));
      await all;
      release();
      const answers = await Promise.all(visitors);
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([500, 500, 500]);
      const ids = answers.map((answer) => answer.json<{ instance: string }>().instance);
      expect(new Set(ids).size).toBe(3);
      const { body } = await test.app.inject('/metrics');
      expect(body).toContain('daybook_cache_requests_total{result="failed"} 3\n');
      expect((await get('failure')).body).toBe('back');
      expect(probe.runs).toBe(2);
    });
  });

  it.each(['text', 'list', 'zero', 'no', 'nothing'])('keeps an empty answer: %s', async (name) => {
    const plain = await get(`plain-values/${name}`);
    for (const expected of ['miss', 'hit']) {
      const answer = await get(`values/${name}`);
      expect(answer.headers['x-cache']).toBe(expected);
      expect([answer.statusCode, answer.body]).toEqual([plain.statusCode, plain.body]);
      expect(answer.headers['content-type']).toBe(plain.headers['content-type']);
      expect(answer.headers['content-length']).toBe(plain.headers['content-length']);
    }
    expect(probe.runs).toBe(1);
  });

  it.each(['cookie', 'private', 'varies', 'accepted', 'stream'])(
    'keeps and shares no answer like this: %s',
    async (path) => {
      const release = holdUp();
      const read = probe.read;
      const both = [get(path), get(path)];
      await read;
      release();
      const answers = [...(await Promise.all(both)), await get(path)];
      expect(probe.runs).toBe(3);
      expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
      for (const { headers } of answers) {
        expect(headers).not.toHaveProperty('etag');
        expect(headers).not.toHaveProperty('x-cache');
      }
    },
  );

  it.each(['authorization', 'cookie'])('has nothing to do with a request with %s', async (header) => {
    await get('pages/a');
    const answer = await get('pages/a', { [header]: 'me' });
    expect(answer.headers).not.toHaveProperty('x-cache');
    await get('pages/b', { [header]: 'me' });
    expect(await how('pages/b')).toBe('miss');
    expect(probe.runs).toBe(4);
  });

  describe('speaks HTTP', () => {
    it('with the headers of the handler', async () => {
      for (const expected of ['miss', 'hit']) {
        const { headers, body } = await get('own-headers');
        expect(body).toBe('a,b');
        expect(headers).toMatchObject({ 'x-cache': expected, 'x-rows': '1', 'cache-control': 'max-age=5' });
        expect(headers['content-type']).toMatch(/^text\/csv/);
      }
    });

    it('and lets a client keep only what nothing but time ends', async () => {
      expect((await get('tasks')).headers['cache-control']).toBe('no-cache');
      expect((await get('pages/a')).headers['cache-control']).toBe('no-cache');
      expect((await get('languages')).headers['cache-control']).toBe('public, max-age=60');
    });

    it('with an id of its own for each request', async () => {
      const ids = [await get('tasks'), await get('tasks')].map(({ headers }) => headers['x-request-id']);
      expect(new Set(ids).size).toBe(2);
    });

    it('and 304 to who has it already', async () => {
      const full = await get('tasks');
      const etag = String(full.headers.etag);
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      for (const match of [etag, `W/${etag}`, `"x", W/"y" ,${etag}`, '*']) {
        const answer = await get('tasks', { 'if-none-match': match, 'cache-control': 'no-cache' });
        expect([answer.statusCode, answer.body]).toEqual([304, '']);
        expect(answer.headers).toMatchObject({ etag, 'cache-control': 'no-cache', 'x-cache': 'hit' });
        expect(answer.headers).not.toHaveProperty('content-type');
      }
      for (const match of ['"x"', etag.slice(0, -2), '']) {
        expect((await get('tasks', { 'if-none-match': match })).statusCode).toBe(200);
      }
      await post('new');
      const changed = await get('tasks', { 'if-none-match': etag });
      expect([changed.statusCode, changed.headers.etag === etag]).toEqual([200, false]);
      expect((await get('tasks', { 'if-none-match': String(changed.headers.etag) })).statusCode).toBe(304);
    });

    describe('over a connection', () => {
      let url: string;
      let etag: string;
      beforeEach(async () => {
        await test.app.listen(0, '127.0.0.1');
        url = `${await test.app.getUrl()}/cached/tasks`;
        etag = String((await send('GET')).headers.etag);
      });

      const send = async (method: string, given: Record<string, string | string[]> = {}) => {
        const headers = given as OutgoingHttpHeaders;
        const sent = httpRequest(url, { method, headers, agent: false }).end();
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        const { statusCode: status } = response;
        return { status, headers: response.headers, body: await text(response) };
      };

      it.each<[string, (etag: string) => string | string[]]>([
        ['its tag', (own) => own],
        ['its tag as a weak one', (own) => `W/${own}`],
        ['a list', (own) => `"x", W/"y",${own}`],
        ['a list with spaces, tabs and empty parts', (own) => `,"x" ,\t${own} , `],
        ['several headers', (own) => ['"x"', `W/${own}`]],
        ['any', () => '*'],
      ])('answers 304 to GET and HEAD with %s in If-None-Match (RFC 9110, 13.1.2)', async (_, matchOf) => {
        for (const method of ['GET', 'HEAD']) {
          const { status, headers, body } = await send(method, { 'if-none-match': matchOf(etag) });
          expect([status, body]).toEqual([304, '']);
          expect(headers).toMatchObject({ etag, 'cache-control': 'no-cache', 'x-cache': 'hit' });
          expect(headers).toHaveProperty('date');
          expect(headers).not.toHaveProperty('content-type');
        }
        expect(probe.runs).toBe(1);
      });

      it.each<[string, (etag: string) => string | string[]]>([
        ['another tag', () => '"x"'],
        ['a tag that only begins like it', (own) => `${own.slice(0, -2)}"`],
        ['its tag without quotes', (own) => own.slice(1, -1)],
        [
          'its tag in other letters',
          (own) => (own === own.toUpperCase() ? own.toLowerCase() : own.toUpperCase()),
        ],
        ['a list of others', () => ['"x", W/"y"', '"*"']],
      ])('answers 200 to GET and HEAD with %s', async (_, matchOf) => {
        for (const method of ['GET', 'HEAD']) {
          const { status, headers, body } = await send(method, { 'if-none-match': matchOf(etag) });
          expect([status, body]).toEqual([200, method === 'GET' ? '[]' : '']);
          expect(headers).toMatchObject({ etag, 'content-length': '2', 'x-cache': 'hit' });
        }
      });

      it('answers If-None-Match and not If-Modified-Since where both are there', async () => {
        const headers = { 'if-modified-since': new Date().toUTCString() };
        expect((await send('GET', { ...headers, 'if-none-match': '"x"' })).status).toBe(200);
        expect((await send('GET', headers)).status).toBe(200);
      });

      it.each(['no-cache', 'no-store', 'max-age=0', 'only-if-cached', 'no-cache, no-store'])(
        'answers as ever where the request has Cache-Control: %s',
        async (control) => {
          const headers = { 'cache-control': control, pragma: 'no-cache' };
          expect(await send('GET', headers)).toMatchObject({ status: 200, headers: { 'x-cache': 'hit' } });
          expect((await send('GET', { ...headers, 'if-none-match': etag })).status).toBe(304);
          await post('new');
          expect(await send('GET', headers)).toMatchObject({
            body: '["new"]',
            headers: { 'x-cache': 'miss' },
          });
          expect((await send('HEAD', headers)).headers['x-cache']).toBe('hit');
          expect(probe.runs).toBe(2);
        },
      );

      it('fills the cache by a HEAD as by a GET', async () => {
        await post('new');
        const head = await send('HEAD');
        const { body, headers } = await send('GET');
        expect(body).toBe('["new"]');
        expect([head.headers['x-cache'], headers['x-cache']]).toEqual(['miss', 'hit']);
        const { date, age, 'x-cache': outcome, 'x-request-id': id, ...same } = headers;
        expect([date, age, outcome, id]).not.toContain(undefined);
        expect(head.headers).toMatchObject(same);
      });
    });

    it('to HEAD as to GET', async () => {
      const full = await get('tasks');
      const head = await test.app.inject({ method: 'HEAD', url: '/cached/tasks' });
      expect(head.body).toBe('');
      expect(head.headers).toMatchObject({
        'x-cache': 'hit',
        etag: full.headers.etag,
        'content-length': '2',
      });
      expect(probe.runs).toBe(1);
    });
  });

  it.each(['/openapi.json'])('keeps %s', async (url) => {
    const { headers } = await test.app.inject(url);
    expect(headers).toMatchObject({ 'x-cache': 'miss', 'cache-control': 'public, max-age=60' });
    const again = await test.app.inject({ url, headers: { 'if-none-match': String(headers.etag) } });
    expect(again.statusCode).toBe(304);
    expect((await test.app.inject(url)).headers['x-cache']).toBe('hit');
  });

  it('keeps one landing page, however a browser asks for it', async () => {
    for (const [accept, outcome] of [
      ['text/html', 'miss'],
      ['text/html, */*;q=0.1', 'hit'],
    ]) {
      const { headers } = await test.app.inject({ url: '/', headers: { accept } });
      expect([headers['x-cache'], headers['content-type']]).toEqual([outcome, 'text/html; charset=utf-8']);
    }
  });

  it('keeps the page, its part and the data of one address apart', async () => {
    await test.close();
    test = await start({ SEARCH_FILE: inject('searchFile') });
    const ask = async (headers: Record<string, string>) => {
      const answer = await test.app.inject({ url: '/search?q=len', headers });
      expect(answer.statusCode).toBe(200);
      return { outcome: answer.headers['x-cache'], body: answer.body };
    };
    const asks = [{}, { accept: 'text/html' }, { 'hx-request': 'true' }] as Record<string, string>[];
    const first = [];
    for (const headers of asks) first.push(await ask(headers));
    expect(first.map(({ outcome }) => outcome)).toEqual(['miss', 'miss', 'miss']);
    expect(new Set(first.map(({ body }) => body)).size).toBe(3);
    for (const [n, headers] of asks.entries())
      expect(await ask(headers)).toEqual({ outcome: 'hit', body: first[n]?.body });
  });

  it('leaves the headers of a page that the client has', async () => {
    const { headers } = await test.app.inject({ url: '/', headers: { accept: 'text/html' } });
    const again = await test.app.inject({
      url: '/',
      headers: { accept: 'text/html', 'if-none-match': String(headers.etag) },
    });
    expect(again.statusCode).toBe(304);
    expect([undefined, headers['content-security-policy']]).toContain(
      again.headers['content-security-policy'],
    );
  });
});

describe('the response cache and its database', () => {
  const open = async (engine: Engine) => {
    const database = await createDatabase(engine);
    const [test, other] = [await startCached(engine, database), await startCached(engine, database)];
    const get = async () => {
      const { headers, body } = await test.app.inject('/cached/tasks');
      return { how: headers['x-cache'], names: JSON.parse(body) as string[] };
    };
    const post = (name: string) =>
      other.app.inject({ method: 'POST', url: '/tasks', payload: { name, done: false } });
    const close = async () => {
      vi.useRealTimers();
      await test.close();
      await other.close();
      await database.drop();
    };
    return { url: database.url, get, post, close };
  };

  it('sees what another program has written to SQLite', async () => {
    const { url, get, close } = await open('sqlite');
    await get();
    const program = new Database(url.replace('sqlite:', ''));
    program.prepare("INSERT INTO tasks (name, done) VALUES ('by hand', 0)").run();
    program.close();
    expect(await get()).toEqual({ how: 'miss', names: ['by hand'] });
    expect((await get()).how).toBe('hit');
    await close();
  });

  it('stands aside while the connection that listens to PostgreSQL is broken', async () => {
    const { url, get, post, close } = await open('postgres');
    await get();
    expect((await get()).how).toBe('hit');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const names: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { rowCount } = await client.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE application_name = 'daybook listener' AND datname = current_database()`,
      );
      expect(rowCount).toBeGreaterThan(0);
      names.push(`task ${n}`);
      await post(`task ${n}`);
      expect((await get()).names).toEqual(names);
      // The pause before the next attempt is over.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2_000 });
      expect((await get()).names).toEqual(names);
      expect((await get()).how).toBe('hit');
    }
    await client.end();
    await close();
  });
});
