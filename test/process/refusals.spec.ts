import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { openPaused, write } from '../support/raw-connections.js';
import {
  busyRequest,
  headOf,
  lateRequest,
  REFUSING,
  type RefusedRequest,
  refusedRequests,
  sendAndThenRead,
} from '../support/refused-requests.js';
import { type Server, startServer } from '../support/server.js';

const TIMES = 5;
const POLL = { timeout: 200_000, interval: 20 };

describe('a client that sends its whole body before it reads', () => {
  let database: TestDatabase;
  let server: Server;
  beforeAll(async () => {
    database = await createDatabase('sqlite');
    server = await startServer({ DATABASE_URL: database.url, SHUTDOWN_SECONDS: '600', ...REFUSING });
  });
  afterAll(async () => {
    if (server.process.exitCode === null) await server.end('SIGKILL');
    await database.drop();
  });

  const sendAtOnce = (sent: RefusedRequest) =>
    Promise.all(
      Array.from({ length: TIMES }, async () => sendAndThenRead(await openPaused(server.url), sent)),
    );

  it.each(refusedRequests)('is told that it is refused for $what', async (refused) => {
    expect(await sendAtOnce(refused)).toEqual(Array(TIMES).fill(refused.status));
  });

  it('is told that it is refused for too many at once', async () => {
    const running = await Promise.all([openPaused(server.url), openPaused(server.url)]);
    for (const socket of running) await write(socket, `${headOf(busyRequest)}{"message":"one"}\n`);
    await expect
      .poll(async () => sendAndThenRead(await openPaused(server.url), { ...busyRequest, bytes: 1 }), POLL)
      .toBe(503);
    expect(await sendAtOnce(busyRequest)).toEqual(Array(TIMES).fill(503));
    for (const socket of running) socket.destroy();
  });

  it('is told that headers are too large, or no HTTP', async () => {
    for (const [bytes, status] of [
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(5_000_000)}\r\n\r\n`, '431'],
      [`GARBAGE ${'x'.repeat(5_000_000)}\r\n\r\n`, '400'],
    ] as const) {
      const socket = await openPaused(server.url);
      await write(socket, bytes);
      const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
      expect(String(answer).split(' ', 2)[1]).toBe(status);
      socket.destroy();
    }
  });

  it('has its connection kept where the body is short', async () => {
    const socket = await openPaused(server.url);
    const unknown = { ...lateRequest, path: '/nowhere', bytes: 3 };
    await write(socket, `${headOf(unknown)}abc${headOf({ ...unknown, path: '/log' })}{}!`);
    let answers = '';
    for await (const chunk of socket) {
      answers += String(chunk);
      if (answers.includes(' 422 ')) break;
    }
    expect(answers).toMatch(/^HTTP\/1\.1 404 /);
    expect(answers).not.toMatch(/connection: close/i);
  });

  it.each([
    [{ path: '/log', 'content-length': 30_000_000 }, 413, false],
    [{ path: '/logs', 'content-length': 40_000_000 }, 413, false],
    [{ path: '/nowhere', 'content-length': 10 }, 404, false],
    [{ path: '/logs?atomic=perhaps', 'content-length': 10 }, 422, false],
    [{ path: '/log', 'content-length': 15 }, 200, true],
    [{ path: '/logs', 'content-length': 17 }, 200, true],
  ])('is told to go on only where its body is read: %j', async ({ path, ...length }, status, goesOn) => {
    const headers = { ...length, expect: '100-continue', 'content-type': 'application/json' };
    const post = request(server.url + path, { method: 'POST', agent: false, headers });
    let told = false;
    post.on('continue', () => {
      told = true;
      post.end(path === '/log' ? '{"message":"x"}' : '[{"message":"x"}]');
    });
    // What is not sent any more is no failure here.
    post.on('error', () => undefined).flushHeaders();
    const [response] = await once(post, 'response');
    expect([(response as { statusCode: number }).statusCode, told]).toEqual([status, goesOn]);
    post.destroy();
  });

  it('is told that the service stops', async () => {
    const sockets = await Promise.all(Array.from({ length: TIMES }, () => openPaused(server.url)));
    const head = headOf(lateRequest);
    for (const socket of sockets) await write(socket, head[0]!);
    // Answered after these letters have been read.
    expect((await fetch(`${server.url}/info`)).status).toBe(200);
    const ended = server.end('SIGTERM');
    await expect.poll(() => fetch(server.url).catch(String), POLL).toMatch('fetch failed');
    const rest = sockets.map((socket) => sendAndThenRead(socket, lateRequest, head.slice(1)));
    expect(await Promise.all(rest)).toEqual(Array(TIMES).fill(503));
    expect(await ended).toEqual([0, null]);
  });
});

describe('a service that listens on localhost, which has several addresses', () => {
  const HOSTS = ['127.0.0.1', '127.0.0.2'];
  let database: TestDatabase;
  let server: Server;
  let urls: string[];
  beforeAll(async () => {
    database = await createDatabase('sqlite');
    const localhost = new URL('../support/localhost.mjs', import.meta.url).href;
    server = await startServer({
      DATABASE_URL: database.url,
      HOST: 'localhost',
      NODE_OPTIONS: `--import ${localhost}`,
      SHUTDOWN_SECONDS: '600',
      ...REFUSING,
    });
    urls = HOSTS.map((host) => `http://${host}:${new URL(server.url).port}`);
  });
  afterAll(async () => {
    if (server.process.exitCode === null) await server.end('SIGKILL');
    await database.drop();
  });

  it('tells at each that a body is too large', async () => {
    const tooLarge = refusedRequests[0]!;
    for (const url of urls) {
      const sent = Array.from({ length: TIMES }, async () =>
        sendAndThenRead(await openPaused(url), tooLarge),
      );
      expect(await Promise.all(sent)).toEqual(Array(TIMES).fill(413));
    }
  });

  it('tells at each to go on only where the body is read', async () => {
    for (const url of urls) {
      const socket = await openPaused(url);
      const expects = 'Content-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 30000000';
      await write(socket, `POST /log HTTP/1.1\r\nHost: x\r\n${expects}\r\n\r\n`);
      const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
      expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
      socket.destroy();
    }
  });

  it('answers at each what is no HTTP', async () => {
    for (const url of urls) {
      const socket = await openPaused(url);
      socket.end('GARBAGE\r\n\r\n');
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [^]*malformed-request/);
    }
  });

  it('finishes at each what runs when it stops', async () => {
    const body = '{"message":"one"}\n{"message":"two"}\n';
    const head = `POST /logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${body.length}`;
    const sockets = await Promise.all(urls.map((url) => openPaused(url)));
    for (const socket of sockets) await write(socket, `${head}\r\n\r\n${body.slice(0, 20)}`);
    // Answered after these have been read.
    for (const url of urls) expect((await fetch(`${url}/info`)).status).toBe(200);
    const ended = server.end('SIGTERM');
    for (const url of urls) await expect.poll(() => fetch(url).catch(String), POLL).toMatch('fetch failed');
    for (const socket of sockets) {
      await write(socket, body.slice(20));
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
    }
    expect(await ended).toEqual([0, null]);
  });
});
