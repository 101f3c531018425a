import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { faultOption } from '../support/fault-options.js';
import { openPaused } from '../support/raw-connections.js';
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
import { temporaryFolder } from '../support/temporary-folder.js';

const ROUNDS = faultOption('rounds', 150);
const POLL = { timeout: 60_000, interval: 20 };
const run = promisify(execFile);
const folder = temporaryFolder();

const withPython = `
import sys, urllib.error, urllib.request
times, url, method, bytes, chunked, *headers = sys.argv[1:]
body = b'x' * int(bytes)
for n in range(int(times)):
    pieces = (body[at:at + 100000] for at in range(0, len(body), 100000))
    request = urllib.request.Request(url, data=pieces if chunked == 'true' else body, method=method)
    for header in headers: request.add_header(*header.split(': '))
    try:
        print(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        error.read()
        print(error.code)
    except Exception as error:
        print(error)
`;

const headersOf = ({ headers }: RefusedRequest) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

/** Each sends a request so many times. They resolve to the statuses, or what went wrong instead. */
const clients: Readonly<
  Record<string, (url: string, request: RefusedRequest, times: number) => Promise<unknown[]>>
> = {
  curl: async (url, request, times) => {
    const file = join(folder(), String(request.bytes));
    await writeFile(file, Buffer.alloc(request.bytes, 'x'));
    const headers = ['expect:', ...headersOf(request)];
    if (request.chunked) headers.push('transfer-encoding: chunked');
    const options = [
      '-sSo',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-X',
      request.method,
      '--data-binary',
      `@${file}`,
    ];
    const all = [...options, ...headers.flatMap((one) => ['-H', one]), url + request.path];
    return repeat(times, () =>
      run('curl', all).then(
        ({ stdout }) => stdout,
        ({ stderr }: { stderr: string }) => stderr.trim(),
      ),
    );
  },
  python3: async (url, request, times) => {
    const { method, path, bytes, chunked } = request;
    const options = [
      String(times),
      url + path,
      method,
      String(bytes),
      String(chunked),
      ...headersOf(request),
    ];
    const { stdout } = await run('python3', ['-c', withPython, ...options]);
    return stdout.trim().split('\n');
  },
  fetch: (url, { path, method, headers, bytes, chunked }, times) =>
    repeat(times, async () => {
      const body = chunked ? Readable.toWeb(Readable.from(pieces(bytes))) : Buffer.alloc(bytes, 'x');
      try {
        const answer = await fetch(url + path, { method, headers, body, duplex: 'half' } as RequestInit);
        await answer.text();
        return answer.status;
      } catch (error) {
        return String((error as Error).cause);
      }
    }),
  'a socket': (url, request, times) =>
    repeat(times, async () => sendAndThenRead(await openPaused(url), request)),
};

function* pieces(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += 100_000) yield Buffer.alloc(100_000, 'x');
}

async function repeat(times: number, send: () => Promise<unknown>): Promise<unknown[]> {
  const results = [];
  for (let n = 0; n < times; n += 1) results.push(await send());
  return results;
}

async function check(name: string, url: string, request: RefusedRequest): Promise<void> {
  const counts: Record<string, number> = {};
  for (const result of await clients[name]!(url, request, ROUNDS)) {
    counts[String(result)] = (counts[String(result)] ?? 0) + 1;
  }
  console.log(`${name}, ${request.what}: ${JSON.stringify(counts)}`);
  expect(counts).toEqual({ [request.status]: ROUNDS });
}

/**
 * A proxy whose connections to the service are open already, so that it lets clients in that come later than the signal to
 * stop. It has sent the first letter of their method, as Node closes connections at once on which nothing has come.
 */
async function openProxy(url: string, connections: number, { method: [letter] }: RefusedRequest) {
  const open: Socket[] = [];
  for (let n = 0; n < connections; n += 1) {
    open.push(await openPaused(url));
    open.at(-1)!.write(letter!);
  }
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const service = open.pop()!;
    service.on('error', () => client.resetAndDestroy());
    client.on('error', () => service.resetAndDestroy());
    client.once('data', (first: Buffer) => {
      service.write(first.subarray(letter!.length));
      client.pipe(service).pipe(client);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, close: () => proxy.close() };
}

const isThere = (name: string) =>
  !['curl', 'python3'].includes(name) || spawnSync(name, ['--version']).status === 0;

describe.each(Object.keys(clients).filter(isThere))(
  'a refusal before the body was read arrives at %s',
  (name) => {
    let database: TestDatabase;
    let server: Server;
    beforeAll(async () => {
      database = await createDatabase('sqlite');
      server = await startServer({ DATABASE_URL: database.url, SHUTDOWN_SECONDS: '3600', ...REFUSING });
    });
    afterAll(async () => {
      if (server.process.exitCode === null) await server.end('SIGTERM');
      await database.drop();
    });

    it.each(refusedRequests)('for $what', (request) => check(name, server.url, request));

    it('for too many at once', async () => {
      const running = await Promise.all(Array.from({ length: 2 }, () => openPaused(server.url)));
      for (const socket of running) socket.write(`${headOf(busyRequest)}{"message":"one"}\n`);
      const sent = () => clients[name]!(server.url, busyRequest, 1);
      await expect.poll(async () => String(await sent()), POLL).toBe('503');
      await check(name, server.url, busyRequest).finally(() => running.forEach((socket) => socket.destroy()));
    });

    it('for a service that stops', async () => {
      const proxy = await openProxy(server.url, ROUNDS, lateRequest);
      // Answered after all of these letters have been read.
      expect((await fetch(`${server.url}/info`)).status).toBe(200);
      const ended = server.end('SIGTERM');
      await expect.poll(() => fetch(server.url).catch(String), POLL).toMatch('fetch failed');
      await check(name, proxy.url, lateRequest);
      proxy.close();
      expect(await ended).toEqual([0, null]);
    });
  },
);
