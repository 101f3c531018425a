import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { Client } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { freePort } from '../support/postgres.server.js';
import { sendAtOnce } from '../support/raw-connections.js';
import { MAIN, type Server, startAndFail, startServer } from '../support/server.js';

describe('the start', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase('sqlite');
  });
  afterEach(() => database.drop());

  it('prints one line: where it listens, its database and its docs', async () => {
    const server = await startServer({ DATABASE_URL: database.url });
    expect(server.output).toHaveLength(1);
    expect(JSON.parse(server.output[0] ?? '')).toMatchObject({
      level: 'info',
      msg: `Daybook listens on ${server.url} - database ${database.url} - docs ${server.url}/docs`,
    });
    expect((await fetch(`${server.url}/docs`)).status).toBe(200);
    // The bundle, too, has the names of all classes.
    const committed = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8');
    expect(await (await fetch(`${server.url}/openapi.json`)).json()).toEqual(JSON.parse(committed));
    expect(await server.end('SIGTERM')).toEqual([0, null]);
  });

  it.each([
    [{ PORT: 'eighty' }, 'Setting PORT must be a whole number from 0 to 65535, not "eighty".'],
    [{ LOG_LEVEL: 'loud' }, /^Setting LOG_LEVEL must be one of .*, not "loud"\.$/],
    [
      { PASSWORD_MIN_LENGTH: '0' },
      'Setting PASSWORD_MIN_LENGTH must be a whole number from 1 to 1000, not "0".',
    ],
    [{ CORS_ORIGINS: 'https://a.example/app' }, /^Setting CORS_ORIGINS must list whole origins .*\.$/],
    [
      { DATABASE_URL: 'mysql://me:secret@db/x' },
      'Setting DATABASE_URL must begin with sqlite: or postgres://.',
    ],
    [{ DATABASE_URL: 'sqlite::memory:' }, /^Setting DATABASE_URL must name a file/],
    [{ HOST: '203.0.113.7' }, /^This machine has no such address: set HOST/],
  ])('stops with a sentence when the settings are %j', async (settings, sentence) => {
    const { code, output } = await startAndFail({ DATABASE_URL: database.url, ...settings });
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output.split('\n')).toHaveLength(1);
    expect(output).not.toContain('secret');
  });

  it('stops with a sentence when the port is taken', async () => {
    const server = await startServer({ DATABASE_URL: database.url });
    const other = await startAndFail({ DATABASE_URL: database.url, PORT: new URL(server.url).port });
    expect(other.code).toBe(1);
    expect(other.output).toMatch(/^Another process listens there already: stop it, or set PORT/);
    await server.end('SIGTERM');
  });

  it('stops with a sentence when the file is no database', async () => {
    await writeFile(database.url.replace('sqlite:', ''), 'Dear diary, this is not a database. '.repeat(100));
    const { code, output } = await startAndFail({ DATABASE_URL: database.url });
    expect(code).toBe(1);
    expect(output).toMatch(/^The file is not an SQLite database: set DATABASE_URL to another file\./);
  });

  it('stops with a sentence when no PostgreSQL answers', async () => {
    const { code, output } = await startAndFail({
      DATABASE_URL: `postgres://me:secret@127.0.0.1:${await freePort()}/daybook`,
      DATABASE_CONNECT_SECONDS: '0',
    });
    expect(code).toBe(1);
    expect(output).toMatch(
      /No PostgreSQL answers at postgres:\/\/me@127\.0\.0\.1:\d+\/daybook: see DATABASE_URL\.$/,
    );
    expect(output).not.toContain('secret');
  });
});

describe('the running process', () => {
  let database: TestDatabase;
  let server: Server;

  beforeEach(async () => {
    database = await createDatabase('sqlite');
    server = await startServer({
      DATABASE_URL: database.url,
      SLOW_USERS_SECONDS: '2',
      SHUTDOWN_SECONDS: '600',
    });
  });
  afterEach(async () => {
    if (server.process.exitCode === null) await server.end('SIGKILL');
    await database.drop();
  });

  /** The lines of the log that the requests with these ids have left. */
  const linesOf = (id: string) =>
    server.output.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.id === id);

  it('writes one line a request, with nothing of what people sent', async () => {
    const answer = await fetch(`${server.url}/users/?x=query-text`, {
      method: 'POST',
      headers: { 'x-request-id': 'my-request' },
      body: '{"email":"someone@example.com","password":"swordfish"}',
    });
    expect(answer.status).toBe(200);
    await fetch(`${server.url}/users/`, { method: 'POST', body: '{"email":1,"password":"swordfish"}' });
    await server.end('SIGTERM');
    expect(linesOf('my-request')).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        context: 'Request',
        id: 'my-request',
        route: 'POST /users',
        status: 200,
        ms: expect.any(Number),
      },
    ]);
    expect(server.output.filter((line) => line.includes('"Request"'))).toHaveLength(2);
    expect(server.output.join('\n')).not.toMatch(/swordfish|someone|query-text/);
  });

  it('takes a client that breaks off in its body for what it is: no error of ours', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /log HTTP/1.1\r\nHost: x\r\nX-Request-Id: broken-off\r\nContent-Length: 100\r\n\r\n{"mess',
    );
    // Answered after the head above has been read by the same process.
    expect((await fetch(`${server.url}/info`)).status).toBe(200);
    socket.destroy();
    await server.nextLine(/broken-off/);
    await server.end('SIGTERM');
    expect(linesOf('broken-off')).toMatchObject([{ level: 'info', route: 'POST /log', status: 499 }]);
    expect(server.output.join('\n')).not.toContain('"level":"error"');
  });

  it('goes on when its log cannot be written', async () => {
    const full = await open('/dev/full', 'w');
    const port = await freePort();
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, PORT: String(port), DATABASE_URL: database.url },
      stdio: ['ignore', full.fd, 'inherit'],
    });
    let status = 0;
    while (status === 0) {
      status = await fetch(`http://127.0.0.1:${port}/info`).then(
        (answer) => answer.status,
        () => 0,
      );
    }
    expect(status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await full.close();
  });

  it('breaks off what still runs when the time for it is over', async () => {
    const hasty = await startServer({
      DATABASE_URL: database.url,
      SLOW_USERS_SECONDS: '31',
      SHUTDOWN_SECONDS: '1',
    });
    const slow = fetch(`${hasty.url}/slowusers/`, { headers: { 'x-request-id': 'slow' } }).catch(String);
    expect((await fetch(`${hasty.url}/info`)).status).toBe(200);
    expect(await hasty.end('SIGTERM')).toEqual([0, null]);
    expect(await slow).toMatch('fetch failed');
  });

  it('finishes what runs at SIGTERM, takes nothing new, and exits with 0', async () => {
    const slow = fetch(`${server.url}/slowusers/`, { headers: { 'x-request-id': 'slow' } });
    // The second one of the count-down does not wait: when it is answered, the first is under way.
    expect((await fetch(`${server.url}/slowusers/`)).status).toBe(200);
    // As `timeout` does it, which signals its child and then its group: the second is no wish to end at once. (Two of a kind
    // would be one for the kernel already.)
    server.process.kill('SIGTERM');
    const ended = server.end('SIGINT');
    const answer = await slow;
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    expect(await ended).toEqual([0, null]);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  it('answers at SIGTERM what was sent before it', async () => {
    server.process.kill('SIGSTOP');
    const answers = await sendAtOnce(server.url, '/info', 20);
    const ended = server.end('SIGTERM');
    server.process.kill('SIGCONT');
    expect(await answers()).toEqual(Array(20).fill(200));
    expect(await ended).toEqual([0, null]);
  });

  it('lives on after requests that are no HTTP', async () => {
    const client = new Client(server.url, 1);
    const { port } = new URL(server.url);
    for (const [bytes, status] of [
      ['GARBAGE\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['POST /log HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n', 400],
    ] as const) {
      const text = await new Promise<string>((resolve, reject) => {
        let received = '';
        connect(Number(port), '127.0.0.1')
          .on('data', (chunk) => (received += String(chunk)))
          .on('close', () => resolve(received))
          .on('error', reject)
          .end(bytes);
      });
      expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(text).toContain('\r\nx-content-type-options: nosniff\r\n');
      expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status });
    }
    expect((await client.get('/info')).status).toBe(200);
    client.close();
  });
});
