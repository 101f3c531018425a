import pg from 'pg';
import { DataSource } from 'typeorm';
import { vi } from 'vitest';
import { NewRows } from '../../src/database/index.js';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { MAX_ID } from '../../src/schema/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { EventStream } from '../support/event-stream.js';
import { faultyPlaces } from '../support/problem-details.js';

interface Log {
  id: number;
  message: string;
}

describe.each(engines)('GET /logs/stream on %s', (engine) => {
  let test: TestApp;
  let other: TestApp;
  let url: string;
  const open: EventStream[] = [];
  beforeAll(async () => {
    test = await startApp(engine, { settings: { LOG_STREAMS: '5' } });
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = `${await test.app.getUrl()}/logs/stream`;
    // As another process on the same database, which shares nothing else with it.
    other = await startApp(engine, { database: { url: test.databaseUrl, drop: async () => undefined } });
  });
  afterEach(async () => {
    for (const stream of open.splice(0)) {
      const closed = new Promise((resolve) => stream.response.once('close', resolve));
      if (!stream.response.closed) {
        stream.close();
        await closed;
      }
    }
  });
  afterAll(async () => {
    await other.close();
    await test.close();
  });

  const watch = async (query = '', headers = {}) => {
    const stream = await EventStream.open(url + query, headers);
    open.push(stream);
    return stream;
  };
  const add = async ({ app }: TestApp, message: string) => {
    expect((await app.inject({ method: 'POST', url: '/log', payload: { message } })).statusCode).toBe(200);
  };
  const addMany = ({ app }: TestApp, messages: readonly string[], query = '') =>
    app.inject({
      method: 'POST',
      url: `/logs${query}`,
      headers: { 'content-type': 'application/x-ndjson' },
      payload: messages.map((message) => JSON.stringify({ message })).join('\n'),
    });
  const all = async () => (await test.app.inject('/logs')).json<{ logs: Log[] }>().logs;
  const newest = async () => (await all()).at(-1)?.id ?? 0;
  const logsOf = (stream: EventStream) => stream.events.map(({ data }) => JSON.parse(data) as Log);
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);

  it('sends new entries of this process and of others, to all who watch', async () => {
    await add(test, 'before');
    const streams = await Promise.all([watch(), watch()]);
    expect(streams[0].response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    });
    await add(test, 'one\n"😀"');
    await add(other, 'two');
    for (const stream of streams) {
      const events = await stream.until(2);
      expect(logsOf(stream).map(({ message }) => message)).toEqual(['one\n"😀"', 'two']);
      expect(logsOf(stream)).toEqual((await all()).slice(-2));
      expect(events.map(({ id, event }) => [id, event])).toEqual(
        logsOf(stream).map(({ id }) => [String(id), 'log']),
      );
    }
  });

  it('goes on behind Last-Event-ID, or after, and sends what was missed', async () => {
    const last = await newest();
    await addMany(test, numbers(2_500));
    const ids = Array.from({ length: 2_501 }, (_, n) => last + n + 1);
    const byQuery = await watch(`?after=${last}`);
    const byHeader = await watch('?after=0', { 'last-event-id': String(last) });
    await add(other, 'the last');
    for (const stream of [byQuery, byHeader]) {
      await stream.until(2_501);
      expect(logsOf(stream).map(({ id }) => id)).toEqual(ids);
    }
  });

  it('sends nothing twice to a client that has heard of more than this process', async () => {
    // This process looks from time to time, and has not yet when it is asked.
    await watch();
    const last = await newest();
    await addMany(other, ['had', 'had, too', 'new']);
    const stream = await watch('', { 'last-event-id': String(last + 2) });
    await stream.until(1);
    expect(logsOf(stream).map(({ message }) => message)).toEqual(['new']);
  });

  it.each([1, 1_000, MAX_ID])(
    'tells a client whose id is beyond all that there can be, and goes on from the newest',
    async (beyond) => {
      const early = await watch();
      await add(test, 'there before');
      const last = await newest();
      // The process has looked by then.
      await early.until((events) => events.at(-1)?.id === String(last));
      const cursor = Math.min(last + beyond, MAX_ID);
      const streams = [await watch('', { 'last-event-id': String(cursor) }), await watch(`?after=${cursor}`)];
      await add(other, 'new');
      for (const stream of streams) {
        expect(await stream.until(2)).toEqual([
          { id: String(last), event: 'reset', data: `{"newest":${last}}` },
          { id: String(last + 1), event: 'log', data: expect.stringContaining('"new"') },
        ]);
      }
      expect((await test.app.inject(`/logs?after=${cursor}`)).json()).toEqual({ logs: [] });
    },
  );

  it('goes on without a reset after the newest entry, though it is deleted', async () => {
    await addMany(test, ['to be deleted', 'to be deleted']);
    const last = await newest();
    await test.app.get(DataSource).getRepository(LogEntry).delete({ message: 'to be deleted' });
    const stream = await watch(`?after=${last}`);
    await add(test, 'new');
    expect(await stream.until(1)).toMatchObject([{ event: 'log', id: String(last + 1) }]);
  });

  it.each([
    ['?after=x', {}, 'query.after'],
    ['?after=-1', {}, 'query.after'],
  ])('refuses %s', async (query, headers, place) => {
    expect(faultyPlaces(await test.app.inject({ url: `/logs/stream${query}`, headers }))).toEqual([place]);
  });

  it.each(['x', '-1', '1.5', '9007199254740992'])('refuses the Last-Event-ID %s', async (id) => {
    const response = await test.app.inject({ url: '/logs/stream', headers: { 'last-event-id': id } });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ errors: [{ loc: ['header', 'last-event-id'] }] });
  });

  it('answers HEAD without a stream', async () => {
    const response = await test.app.inject({ method: 'HEAD', url: '/logs/stream' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/event-stream');
  });

  it('answers 503 to one more than it allows, until another has gone', async () => {
    const streams = await Promise.all(numbers(5).map(() => watch()));
    const refused = await test.app.inject('/logs/stream');
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ type: 'urn:daybook:problem:too-many-streams' });
    expect(refused.headers['retry-after']).toBe('30');
    streams[0]!.close();
    let status = 503;
    while (status === 503) {
      const stream = await watch();
      status = stream.response.statusCode!;
    }
    expect(status).toBe(200);
  });

  it('sends what 20 writers in two processes write at once: each entry once, in order', async () => {
    const last = await newest();
    const early = await watch();
    const writing = numbers(20).map(async (writer) => {
      const app = Number(writer) % 2 === 0 ? test : other;
      for (const n of numbers(10)) {
        if (Number(writer) < 16) await add(app, `${writer}/${n}`);
        else
          await addMany(
            app,
            [`${writer}/${n} a`, `${writer}/${n} b`],
            Number(writer) < 18 ? '?atomic=1' : '',
          );
      }
    });
    const late = await watch(`?after=${last}`);
    await Promise.all(writing);
    const expected = (await all()).filter(({ id }) => id > last);
    expect(expected.length).toBe(240);
    for (const stream of [early, late]) {
      await stream.until(240);
      expect(logsOf(stream)).toEqual(expected);
    }
  });

  it('drops a client that takes nothing, tells it so, and goes on with the others', async () => {
    const slow = await watch();
    const quick = await watch();
    const taken = quick.until(120);
    // More than the connection and the client's buffer hold together.
    const message = 'x'.repeat(400_000);
    for (const _ of numbers(120)) await add(test, message);
    await taken;
    const events = await slow.toEnd();
    expect(events.at(-1)).toMatchObject({
      event: 'dropped',
      data: expect.stringContaining('"reason":"slow"'),
    });
    const before = logsOf(slow).slice(0, -1);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(120);
    expect(before.map(({ id }) => id)).toEqual(
      logsOf(quick)
        .slice(0, before.length)
        .map(({ id }) => id),
    );

    const again = await watch('', { 'last-event-id': String(before.at(-1)!.id) });
    await again.until(120 - before.length);
    expect(logsOf(again).at(-1)).toEqual(logsOf(quick).at(-1));
  });

  it('ends all streams when it stops', async () => {
    const { app, close } = await startApp(engine);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const stream = await EventStream.open(`${await app.getUrl()}/logs/stream`);
    await add({ app } as TestApp, 'the last');
    await stream.until(1);
    const end = stream.toEnd();
    await close();
    expect(await end).toHaveLength(1);
    expect(stream.response.complete).toBe(true);
  });
});

describe('GET /logs/stream and open transactions of PostgreSQL', () => {
  let test: TestApp;
  let stream: EventStream;
  const writers: pg.Client[] = [];
  const next = vi.spyOn(NewRows.prototype, 'next');
  beforeAll(async () => {
    test = await startApp('postgres');
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    for (let n = 0; n < 3; n += 1) {
      const writer = new pg.Client({ connectionString: test.databaseUrl });
      await writer.connect();
      writers.push(writer);
    }
    stream = await EventStream.open(`${await test.app.getUrl()}/logs/stream`);
  });
  afterAll(async () => {
    next.mockRestore();
    stream.close();
    for (const writer of writers) await writer.end();
    await test.close();
  });

  const insert = (writer: pg.Client, message: string) =>
    writer.query('INSERT INTO logs (message, timestamp) VALUES ($1, $2)', [
      message,
      new Date().toISOString(),
    ]);
  const messages = async (count: number) =>
    (await stream.until(count)).map(({ data }) => (JSON.parse(data) as Log).message);

  /** Resolves when the reader has looked at what there is now. */
  const looked = async () => {
    // The one that is under way may have looked before.
    const looks = next.mock.settledResults.length + 2;
    await vi.waitFor(() => expect(next.mock.settledResults.length).toBeGreaterThanOrEqual(looks), {
      timeout: 200_000,
      interval: 10,
    });
  };

  it('waits for a smaller id that is committed later', async () => {
    const [a, b, c] = writers as [pg.Client, pg.Client, pg.Client];
    await a.query('BEGIN');
    await insert(a, 'a 1');
    await insert(b, 'b 2');
    await c.query('BEGIN');
    await insert(c, 'c 3');
    await insert(b, 'b 4');
    await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'own 5' } });
    await looked();
    await c.query('COMMIT');
    await looked();
    expect(stream.events).toEqual([]);
    await insert(a, 'a 6');
    await a.query('COMMIT');
    expect(await messages(6)).toEqual(['a 1', 'b 2', 'c 3', 'b 4', 'own 5', 'a 6']);
  });

  it('goes on behind an id that was rolled back', async () => {
    const [a, b] = writers as [pg.Client, pg.Client];
    await a.query('BEGIN');
    await insert(a, 'undone');
    await insert(b, 'b 8');
    await looked();
    await a.query('ROLLBACK');
    await insert(b, 'b 9');
    expect((await messages(8)).slice(6)).toEqual(['b 8', 'b 9']);
  });

  it('takes an id for one that may come, which an open transaction has, and no larger one', async () => {
    const [a, b] = writers as [pg.Client, pg.Client];
    const url = `${await test.app.getUrl()}/logs/stream`;
    await a.query('BEGIN');
    await insert(a, 'not committed');
    const { rows } = await a.query<{ id: number }>('SELECT currval($1)::int AS id', ['logs_id_seq']);
    const taken = rows[0]!.id;
    const [early, beyond] = [
      await EventStream.open(`${url}?after=${taken}`),
      await EventStream.open(`${url}?after=${taken + 1}`),
    ];
    await a.query('COMMIT');
    await insert(b, 'next');
    expect(await early.until(1)).toMatchObject([{ event: 'log', id: String(taken + 1) }]);
    expect((await beyond.until(1))[0]).toMatchObject({ event: 'reset' });
    early.close();
    beyond.close();
    await stream.until((events) => events.at(-1)?.id === String(taken + 1));
  });

  it('begins behind transactions that were open when it was asked for', async () => {
    const [a, b] = writers as [pg.Client, pg.Client];
    stream.close();
    await a.query('BEGIN');
    await insert(a, 'begun before');
    await insert(b, 'there before');
    const opening = EventStream.open(`${await test.app.getUrl()}/logs/stream`);
    await a.query('COMMIT');
    stream = await opening;
    await insert(b, 'new');
    expect((await messages(1)).at(-1)).toBe('new');
  });
});
