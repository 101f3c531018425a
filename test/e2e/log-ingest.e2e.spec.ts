import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { mayTakeLong } from '../../src/http/streamed-body.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { blockWriters } from '../support/write-lock.js';

interface Log {
  id: number;
  message: string;
  timestamp: string;
}

interface Report {
  created: number;
  failed: number;
  errors: { loc: unknown[]; msg: string; type: string }[];
  type?: string;
}

const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

describe.each(engines)('POST /logs on %s', (engine) => {
  let test: TestApp;
  let url: URL;
  let lastSocket: Socket;
  beforeAll(async () => {
    test = await startApp(engine, {
      settings: { MAX_BODY_BYTES: '100000', BULK_MAX_BYTES: '30000000' },
      onServer: (server) => {
        server.addHook('onResponse', ({ raw }, _reply, done) => {
          lastSocket = raw.socket;
          done();
        });
      },
    });
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = new URL(await test.app.getUrl());
  });
  afterAll(() => test.close());

  const post = async (payload: string | Buffer, type = NDJSON, query = '', headers = {}) => {
    const response = await test.app.inject({
      method: 'POST',
      url: `/logs${query}`,
      payload,
      headers: { 'content-type': type, ...headers },
    });
    return { status: response.statusCode, ...response.json<Report>() };
  };
  const list = async (query = '') => (await test.app.inject(`/logs${query}`)).json<{ logs: Log[] }>().logs;
  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  /** What is kept while something runs. */
  const keptBy = async (work: () => Promise<unknown>): Promise<string[]> => {
    const last = (await list()).at(-1)?.id ?? 0;
    await work();
    return (await list(`?after=${last}`)).map(({ message }) => message);
  };
  /** A request whose body is sent by the caller. */
  const open = (query = '', headers: Record<string, string> = {}) => {
    const sent = request(new URL(`/logs${query}`, url), {
      method: 'POST',
      agent: false,
      headers: { 'content-type': NDJSON, ...headers },
    });
    const answered = once(sent, 'response').then(async ([response]: IncomingMessage[]) => ({
      status: response!.statusCode,
      ...(JSON.parse(await text(response!)) as Report),
    }));
    return { sent, answered };
  };
  const sendAll = (chunks: Iterable<Buffer | string>, query = '') => {
    const { sent, answered } = open(query);
    Readable.from(chunks).pipe(sent);
    return answered;
  };

  it('keeps the lines in their order, with the time at which they come or their own', async () => {
    const before = new Date().toISOString();
    expect(
      await post(
        lines([
          { message: 'one' },
          { message: 'Grüße 😀 "\\\n', timestamp: '2020-02-29T10:00:00+01:00', id: 7 },
          { message: '', timestamp: null },
        ]),
      ),
    ).toEqual({ status: 200, created: 3, failed: 0, errors: [] });
    const logs = await list();
    expect(logs.map(({ message }) => message)).toEqual(['one', 'Grüße 😀 "\\\n', '']);
    expect(logs[1]).toMatchObject({ id: logs[0]!.id + 1, timestamp: '2020-02-29T09:00:00.000Z' });
    for (const { timestamp } of [logs[0]!, logs[2]!]) expect(timestamp >= before).toBe(true);
  });

  it.each([
    ['lines with CRLF, blank ones and no end', NDJSON, '\ufeff{"message":"a"}\r\n\r\n  \n{"message":"b"}'],
    ['an array', JSON_TYPE, '[{"message":"a"}, {"message":"b"}]'],
    ['an array under the name of lines', NDJSON, '\ufeff \r\n [{"message":"a"},\n{"message":"b"}]\n'],
    [
      'an array with a charset and blanks',
      'Application/JSON; charset=utf-8',
      '\ufeff\n[\n{"message":"a"}\n,{"message":"b"}]\n',
    ],
  ])('takes %s', async (_what, type, body) => {
    for (const query of ['', '?atomic=true']) {
      expect(
        await keptBy(async () =>
          expect(await post(body, type, query)).toMatchObject({ status: 200, created: 2 }),
        ),
      ).toEqual(['a', 'b']);
    }
  });

  it.each([
    [NDJSON, ''],
    [NDJSON, '\n\n'],
    [JSON_TYPE, '[]'],
  ])('takes a body of %s with nothing in it', async (type, body) => {
    expect(await post(body, type)).toEqual({ status: 200, created: 0, failed: 0, errors: [] });
    expect(await post(body, type, '?atomic=1')).toMatchObject({ status: 200, created: 0 });
  });

  const faulty: [string, Buffer | string, string | undefined, string][] = [
    ['broken JSON', '{"message": ', undefined, 'json_invalid'],
    ['another JSON value', '[1]', undefined, 'model_attributes_type'],
    ['null', 'null', undefined, 'model_attributes_type'],
    ['no message', '{"text": "x"}', 'message', 'missing'],
    ['a number as message', '{"message": 1}', 'message', 'string_type'],
    ['a NUL', '{"message": "a\\u0000b"}', 'message', 'string_unicode'],
    ['a bare NUL', '{"message": "a\0b"}', undefined, 'json_invalid'],
    ['a lone surrogate', '{"message": "\\ud800"}', 'message', 'string_unicode'],
    ['bytes that are not UTF-8', Buffer.from('{"message": "\xff"}', 'latin1'), undefined, 'json_invalid'],
    ['UTF-16', Buffer.from('{"message": "x"}', 'utf16le').subarray(0, -1), undefined, 'json_invalid'],
    ['a time that is none', '{"message": "x", "timestamp": "yesterday"}', 'timestamp', 'datetime_parsing'],
    ['a duration as time', '{"message": "x", "timestamp": "1h"}', 'timestamp', 'datetime_parsing'],
    ['a number as time', '{"message": "x", "timestamp": 1}', 'timestamp', 'datetime_parsing'],
    ['too much in it', `{"message": "${'x'.repeat(100_000)}"}`, undefined, 'too_long'],
  ];
  it.each(faulty)(
    'tells of a line with %s by its number, and keeps the others',
    async (_what, line, field, type) => {
      const body = Buffer.concat([
        Buffer.from('{"message":"before"}\n\n'),
        Buffer.from(line),
        Buffer.from('\n{"message":"behind"}\n'),
      ]);
      const errors = [{ loc: ['body', 3, ...(field ? [field] : [])], msg: expect.any(String), type }];
      expect(
        await keptBy(async () =>
          expect(await post(body)).toEqual({ status: 200, created: 2, failed: 1, errors }),
        ),
      ).toEqual(['before', 'behind']);
      expect(
        await keptBy(async () =>
          expect(await post(body, NDJSON, '?atomic=true')).toMatchObject({
            status: 422,
            type: 'urn:daybook:problem:bulk-refused',
            created: 0,
            failed: 1,
            errors,
          }),
        ),
      ).toEqual([]);
    },
  );

  it('counts all faults and tells the first hundred', async () => {
    const report = await post(`${'x\n'.repeat(250)}{"message":"behind"}`);
    expect(report).toMatchObject({ status: 200, created: 1, failed: 250 });
    expect(report.errors.map(({ loc }) => loc[1])).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });

  it.each([
    ['another form', JSON_TYPE, '[{"date":1,"log":"x"}, 7]', 2],
    ['another form a line', NDJSON, '{"date":1,"log":"x"}\n{"date":2,"log":"y"}\n', 2],
    ['one object over several lines', NDJSON, '{\n"message": "x"\n}\n', 3],
    ['an array under the name of lines', NDJSON, '[{"log":"x"}]', 1],
    ['no JSON', NDJSON, 'message=x', 1],
  ])('answers 422 to %s, of which nothing is kept', async (_what, type, body, failed) => {
    for (const query of ['', '?atomic=true']) {
      expect(
        await keptBy(async () => {
          const { errors, ...report } = await post(body, type, query);
          expect(report).toMatchObject({
            status: 422,
            type: 'urn:daybook:problem:bulk-refused',
            created: 0,
            failed,
          });
          expect(errors[0]?.loc.slice(0, 2)).toEqual(['body', 1]);
        }),
      ).toEqual([]);
    }
  });

  it('takes what the OpenAPI document says of each content type, JSON first', async () => {
    const { paths } = (await test.app.inject('/openapi.json')).json<OpenAPIObject>();
    const { content } = paths['/logs']!.post!.requestBody as {
      content: Record<string, { schema: { type: string }; example?: string }>;
    };
    expect(Object.entries(content).map(([type, { schema }]) => [type, schema.type])).toEqual([
      [JSON_TYPE, 'array'],
      [NDJSON, 'string'],
    ]);
    // A client that is made from it serializes an array as JSON, and sends a text as it is.
    expect(await post(JSON.stringify([{ message: 'one' }, { message: 'two' }]))).toMatchObject({
      status: 200,
      created: 2,
    });
    expect(await post(content[NDJSON]!.example!)).toMatchObject({ status: 200, created: 2 });
  });

  it.each([
    ['breaks off', '[{"message":"kept"}, {"message":"lo', 2],
    ['goes on behind its end', '[{"message":"kept"}] {"message":"no"}', 1],
    ['has an open string', '[{"message":"kept"}, {"message":"a}, {"message":"b"}]', 2],
  ])('answers 422 to an array that %s', async (_what, body, place) => {
    expect(
      await keptBy(async () => {
        const report = await post(body, JSON_TYPE);
        expect(report).toMatchObject({ status: 422, type: 'urn:daybook:problem:bulk-broken', created: 1 });
        expect(report.errors.at(-1)).toMatchObject({ loc: ['body', place], type: 'json_invalid' });
      }),
    ).toEqual(['kept']);
    expect(
      await keptBy(async () => expect((await post(body, JSON_TYPE, '?atomic=true')).status).toBe(422)),
    ).toEqual([]);
  });

  it.each(['', '{"message":"x"}', '"x"', 'x'])('answers 422 to %j instead of an array', async (body) => {
    const report = await post(body, JSON_TYPE);
    expect(report).toMatchObject({ status: 422, type: 'urn:daybook:problem:bulk-broken', created: 0 });
  });

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    [NDJSON, { 'content-encoding': 'gzip' }],
  ])('answers 415 to %s with %j', async (type, headers) => {
    expect(await post('{"message":"x"}\n', type, '', headers)).toMatchObject({
      status: 415,
      type: 'urn:daybook:problem:unsupported-bulk-type',
    });
  });

  it.each([
    ['text/plain', ''],
    [NDJSON, '?atomic=perhaps'],
    [NDJSON, ''],
  ])('gives a connection no more time than others behind an answer to %s %s', async (type, query) => {
    await post('{"message":"x"}\n', type, query);
    expect(mayTakeLong(lastSocket)).toBe(false);
  });

  it('refuses an atomic that is neither true nor false', async () => {
    expect(await post('', NDJSON, '?atomic=perhaps')).toMatchObject({
      status: 422,
      errors: [{ loc: ['query', 'atomic'] }],
    });
  });

  it('keeps 100,000 entries of one body, all together', async () => {
    const { logs: before } = { logs: await list() };
    const body = Array.from({ length: 100_000 }, (_, n) => `{"message":"entry ${n}"}\n`).join('');
    expect(await sendAll([body], '?atomic=true')).toEqual({
      status: 200,
      created: 100_000,
      failed: 0,
      errors: [],
    });
    const fresh = await list(`?after=${before.at(-1)?.id ?? 0}`);
    expect(fresh.length).toBe(100_000);
    expect(fresh.every(({ message }, n) => message === `entry ${n}`)).toBe(true);
  });

  it('says that a body is too large for all or none, and keeps nothing', async () => {
    const piece = '{"message":""}\n'.repeat(10_000);
    const pieces = Array.from({ length: 26 }, () => piece);
    expect(
      await keptBy(async () =>
        expect(await sendAll(pieces, '?atomic=true')).toMatchObject({
          status: 413,
          type: 'urn:daybook:problem:bulk-too-large',
        }),
      ),
    ).toEqual([]);
  });

  it('passes over a line of 25 MB and keeps what is around it', async () => {
    const piece = Buffer.alloc(1_000_000, 'x');
    const chunks = [
      '{"message":"before"}\n{"message":"',
      ...Array.from({ length: 25 }, () => piece),
      '"}\n{"message":"behind"}\n',
    ];
    expect(
      await keptBy(async () =>
        expect(await sendAll(chunks)).toMatchObject({
          created: 2,
          failed: 1,
          errors: [{ loc: ['body', 2], type: 'too_long' }],
        }),
      ),
    ).toEqual(['before', 'behind']);
  });

  it('answers 413 to a body over the limit, told or not', async () => {
    const { sent, answered } = open('', { 'content-length': '30000001' });
    sent.flushHeaders();
    expect(await answered).toMatchObject({ status: 413, type: 'urn:daybook:problem:body-too-large' });
    sent.destroy();

    const piece = Buffer.alloc(1_000_000, ' ');
    expect(await sendAll(Array.from({ length: 31 }, () => piece))).toMatchObject({ status: 413 });
  });

  it('answers a client that reads when it has sent all', async () => {
    const socket = connect(Number(url.port), url.hostname).pause();
    socket.write(
      `POST /logs?atomic=true HTTP/1.1\r\nHost: x\r\nContent-Type: ${NDJSON}\r\nContent-Length: 28000000\r\n\r\n`,
    );
    await promisify<Buffer>(socket.write.bind(socket))(Buffer.alloc(28_000_000, '{"message":""}\n'));
    const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toContain('bulk-too-large');
  });

  it('keeps what has come from a client that breaks off, or nothing of all or none', async () => {
    const entries = lines(Array.from({ length: 500 }, (_, n) => ({ message: `part ${n}` })));
    for (const [query, kept] of [
      ['', 500],
      ['?atomic=true', 0],
    ] as const) {
      const messages = await keptBy(async () => {
        const { sent, answered } = open(query);
        answered.catch(() => undefined);
        sent.on('error', () => undefined);
        sent.write(entries);
        const arrived = async (): Promise<boolean> => (await list('?q=part 499')).length > 0;
        if (kept > 0) while (!(await arrived())) await once(setImmediateEvent(), 'turn');
        sent.write('{"message":"never ends');
        await new Promise((resolve) => sent.once('close', resolve).destroy());
        expect((await test.app.inject('/health/ready')).statusCode).toBe(200);
      });
      expect(messages.length).toBe(kept);
    }
  });

  it('answers others while a body comes slowly', async () => {
    const { sent, answered } = open();
    sent.write('{"message":"slow 1"}\n{"mess');
    expect(
      (await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'fast' } })).statusCode,
    ).toBe(200);
    sent.end('age":"slow 2"}\n');
    expect(await answered).toMatchObject({ status: 200, created: 2 });
  });

  it('takes a body of chunks of one byte', async () => {
    const socket = connect(Number(url.port), url.hostname);
    socket.write(
      `POST /logs HTTP/1.1\r\nHost: x\r\nContent-Type: ${NDJSON}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    );
    const body = lines([{ message: 'ä byte at a time' }, { message: 'x'.repeat(50_000) }]);
    for (const byte of Buffer.from(body)) socket.write(Buffer.from([0x31, 13, 10, byte, 13, 10]));
    socket.write('0\r\n\r\n');
    expect(await text(socket)).toContain('{"created":2,"failed":0,"errors":[]}');
  });

  it('answers 503 where nothing can be written, and keeps nothing twice', async () => {
    const busy = await startApp(engine, {
      database: { url: test.databaseUrl, drop: async () => undefined },
      settings: { WRITE_WAIT_MS: '100', WRITE_LIMIT_MS: '200' },
    });
    const unblock = await blockWriters(engine, test.databaseUrl);
    for (const query of ['', '?atomic=true']) {
      const response = await busy.app.inject({
        method: 'POST',
        url: `/logs${query}`,
        payload: '{"message":"waited"}\n',
        headers: { 'content-type': NDJSON },
      });
      expect(response.statusCode).toBe(503);
    }
    await unblock();
    await busy.close();
    expect(await list('?q=waited')).toEqual([]);
  });

  it('does not call for a repetition where the database fails behind entries that are kept', async () => {
    const busy = await startApp(engine, {
      database: { url: test.databaseUrl, drop: async () => undefined },
      settings: { WRITE_WAIT_MS: '100', WRITE_LIMIT_MS: '200' },
    });
    const part = (name: string) =>
      lines(Array.from({ length: 500 }, (_, n) => ({ message: `${name} ${n}` })));
    let unblock = async () => undefined as void;
    async function* body() {
      yield `no JSON\n${part('kept')}`;
      while ((await list('?q=kept 499')).length === 0) await once(setImmediateEvent(), 'turn');
      unblock = await blockWriters(engine, test.databaseUrl);
      yield part('lost');
    }
    const messages = await keptBy(async () => {
      const response = await busy.app.inject({
        method: 'POST',
        url: '/logs',
        payload: Readable.from(body()),
        headers: { 'content-type': NDJSON },
      });
      await unblock();
      expect(response.headers).not.toHaveProperty('retry-after');
      expect(response.json()).toMatchObject({
        type: 'urn:daybook:problem:outcome-unknown',
        status: 503,
        created: 500,
        failed: 1,
      });
    });
    await busy.close();
    expect(messages).toEqual(Array.from({ length: 500 }, (_, n) => `kept ${n}`));
  });

  it('counts what is kept of a body that turns out too large', async () => {
    const entries = lines([{ message: 1 }, ...Array.from({ length: 500 }, () => ({ message: 'kept' }))]);
    const blank = Buffer.alloc(1_000_000, ' ');
    expect(
      await keptBy(async () => {
        const report = await sendAll([entries, ...Array.from({ length: 31 }, () => blank)]);
        expect(report).toMatchObject({ status: 413, created: 500, failed: 1 });
      }),
    ).toHaveLength(500);
  });
});

/** Tells of the next turn of the event loop. */
function setImmediateEvent(): EventTarget {
  const target = new EventTarget();
  setImmediate(() => target.dispatchEvent(new Event('turn')));
  return target;
}
