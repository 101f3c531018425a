import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';
import { insertRows } from '../support/rows.js';
import { blockWriters } from '../support/write-lock.js';

const curl = promisify(execFile);

interface Log {
  id: number;
  message: string;
  timestamp: string;
}

describe.each(engines)('logs on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  const add = (payload: unknown) =>
    test.app.inject({ method: 'POST', url: '/log', payload: payload as object });
  const list = async () => (await test.app.inject('/logs')).json<{ logs: Log[] }>().logs;

  it('answers an empty list at first', async () => {
    const listed = await test.app.inject('/logs');
    expect(listed.statusCode).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.body).toBe('{"logs":[]}');
  });

  it('keeps a message and lists it with its id and time', async () => {
    const before = new Date().toISOString();
    const created = await add({ message: 'hello' });
    expect(created.statusCode).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    expect(created.body).toBe('{"status":"Log entry created"}');

    const logs = await list();
    expect(logs).toEqual([
      {
        id: 1,
        message: 'hello',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
    expect(logs[0]!.timestamp >= before).toBe(true);
    expect(logs[0]!.timestamp <= new Date().toISOString()).toBe(true);
  });

  it('lists compact JSON with id, message and timestamp in this order', async () => {
    const { body } = await test.app.inject('/logs');
    expect(body).toMatch(/^\{"logs":\[\{"id":1,"message":"hello","timestamp":"[^"]+"\}/);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '  \t\n '],
    ['quotes and backslashes', '"\\" \' \\n'],
    ['SQL', "'); DROP TABLE logs; --"],
    ['several scripts', 'Grüße 日本語 العربية'],
    ['characters beyond the BMP', '😀𝒳'],
    ['line ends', 'a\r\nb\u2028c\u2029d'],
    ['control characters', '\u0001\u001f\u007f'],
    ['combining characters as they came', 'e\u0301 \u00e9'],
    ['300,000 characters', 'x'.repeat(300_000)],
  ])('keeps a message of %s unchanged', async (_what, message) => {
    expect((await add({ message })).statusCode).toBe(200);
    expect((await list()).at(-1)!.message).toBe(message);
  });

  it('ignores unknown fields, an id and a timestamp among them', async () => {
    const last = (await list()).at(-1)!;
    const created = await add({ message: 'mine', id: 9_999, timestamp: '1970-01-01T00:00:00.000Z', x: [{}] });
    expect(created.statusCode).toBe(200);
    const newest = (await list()).at(-1)!;
    expect(newest).toMatchObject({ id: last.id + 1, message: 'mine' });
    expect(newest.timestamp >= last.timestamp).toBe(true);
  });

  it.each([
    [{}, 'missing'],
    [{ Message: 'x' }, 'missing'],
    [{ message: null }, 'string_type'],
    [{ message: 1 }, 'string_type'],
    [{ message: true }, 'string_type'],
    [{ message: ['x'] }, 'string_type'],
    [{ message: { a: 1 } }, 'string_type'],
  ])('refuses %j and keeps nothing', async (body, type) => {
    const before = await list();
    const response = await add(body);
    expect(faultyPlaces(response)).toEqual(['body.message']);
    expect(problemIn(response).errors![0]!.type).toBe(type);
    expect(await list()).toEqual(before);
  });

  it('gives rising ids and times to entries that come at once', async () => {
    const before = (await list()).length;
    const messages = Array.from({ length: 50 }, (_, n) => `at once ${n}`);
    const answers = await Promise.all(messages.map((message) => add({ message })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(messages.map(() => 200));

    const logs = await list();
    const fresh = logs.slice(before);
    expect(fresh.map(({ message }) => message).toSorted()).toEqual(messages.toSorted());
    expect(logs.map(({ id }) => id)).toEqual(logs.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(new Set(logs.map(({ id }) => id)).size).toBe(logs.length);
  });

  it('ignores query parameters that it does not know', async () => {
    const response = await test.app.inject('/logs?skip=x&take=-1&take=0');
    expect(response.statusCode).toBe(200);
    expect(response.json<{ logs: Log[] }>().logs).toEqual(await list());
  });

  it('goes on reading while a writer is blocked, which is answered in the end', async () => {
    const unblock = await blockWriters(engine, test.databaseUrl);
    const answered: string[] = [];
    const writing = add({ message: 'waited' }).then((response) => {
      answered.push('write');
      return response;
    });
    for (const url of ['/logs', '/tasks', '/info']) {
      expect((await test.app.inject(url)).statusCode).toBe(200);
      answered.push(url);
    }
    expect((await list()).map(({ message }) => message)).not.toContain('waited');
    await unblock();
    expect((await writing).statusCode).toBe(200);
    expect(answered).toEqual(['/logs', '/tasks', '/info', 'write']);
    expect((await list()).at(-1)!.message).toBe('waited');
  });
});

describe.each(engines)('many logs on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  it.each([1_000, 2_000, 2_001])('lists all %i of them, oldest first', async (count) => {
    const kept = (await test.app.inject('/logs')).json<{ logs: Log[] }>().logs.length;
    const timestamp = '2026-11-22T15:00:00.123Z';
    const rows = Array.from({ length: count - kept }, (_, n) => ({
      message: `entry ${kept + n + 1}`,
      timestamp,
    }));
    await insertRows(test, LogEntry, rows);

    const { logs } = (await test.app.inject('/logs')).json<{ logs: Log[] }>();
    expect(logs).toEqual(
      Array.from({ length: count }, (_, n) => ({ id: n + 1, message: `entry ${n + 1}`, timestamp })),
    );
  });
});

describe.each(engines)('curl and logs on %s', (engine) => {
  let test: TestApp;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    test = await startApp(engine);
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = await test.app.getUrl();
    folder = await mkdtemp(join(tmpdir(), 'daybook-curl-'));
  });
  afterAll(async () => {
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a message from a file and lists it', async () => {
    await writeFile(join(folder, 'post_data.json'), '{"message": "Hello, log"}\n');
    const post = [
      '-sS',
      '-X',
      'POST',
      `${url}/log`,
      '-H',
      'Content-Type: application/json',
      '-d',
      '@post_data.json',
    ];
    expect((await curl('curl', post, { cwd: folder })).stdout).toBe('{"status":"Log entry created"}');

    const { stdout } = await curl('curl', ['-sS', `${url}/logs`]);
    expect(JSON.parse(stdout)).toEqual({
      logs: [{ id: 1, message: 'Hello, log', timestamp: expect.any(String) }],
    });
  });
});
