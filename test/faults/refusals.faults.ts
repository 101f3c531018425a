import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { faultOption } from '../support/fault-options.js';
import {
  busyRequest,
  headOf,
  openPaused,
  REFUSING,
  type RefusedRequest,
  refusedRequests,
  sendAndThenRead,
} from '../support/refused-requests.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROUNDS = faultOption('rounds', 150);
const run = promisify(execFile);

type Client = (url: string, request: RefusedRequest, file: string) => Promise<unknown>;

const withPython = `
import sys, urllib.error, urllib.request
url, method, bytes, chunked, *headers = sys.argv[1:]
body = b'x' * int(bytes)
pieces = (body[at:at + 100000] for at in range(0, len(body), 100000))
request = urllib.request.Request(url, data=pieces if chunked == 'true' else body, method=method)
for header in headers: request.add_header(*header.split(': '))
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
except Exception as error:
    print(error)
`;

const headersOf = ({ headers }: RefusedRequest) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

const clients: Readonly<Record<string, Client>> = {
  curl: async (url, request, file) => {
    const options = ['-s', '-S', '-o', '/dev/null', '-w', '%{http_code}', '-X', request.method];
    const headers = [
      'expect:',
      ...(request.chunked ? ['transfer-encoding: chunked'] : []),
      ...headersOf(request),
    ];
    const all = [...options, ...headers.flatMap((one) => ['-H', one]), '--data-binary', `@${file}`];
    return run('curl', [...all, url + request.path]).then(
      ({ stdout }) => Number(stdout),
      ({ stderr }: { stderr: string }) => stderr.trim(),
    );
  },
  python3: async (url, request) => {
    const { method, path, bytes, chunked } = request;
    const options = [url + path, method, String(bytes), String(chunked), ...headersOf(request)];
    const { stdout } = await run('python3', ['-c', withPython, ...options]);
    return Number(stdout) || stdout.trim();
  },
  fetch: async (url, { path, method, headers, bytes, chunked }) => {
    const body = chunked ? Readable.toWeb(Readable.from(pieces(bytes))) : Buffer.alloc(bytes, 'x');
    const options = { method, headers, body, duplex: 'half' } as RequestInit;
    return fetch(url + path, options).then(
      async (answer) => {
        await answer.text();
        return answer.status;
      },
      ({ cause }: Error) => String(cause),
    );
  },
  'a socket': async (url, request) => sendAndThenRead(await openPaused(url), request),
};

function* pieces(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += 100_000) yield Buffer.alloc(100_000, 'x');
}

/** How often each answer came. */
async function repeat(times: number, once: () => Promise<unknown>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < times; n += 1) {
    const result = String(await once());
    counts[result] = (counts[result] ?? 0) + 1;
  }
  return counts;
}

const isThere = (command: string) => spawnSync(command, ['--version']).status === 0;

describe('a refusal before the body was read arrives', () => {
  let database: TestDatabase;
  let server: Server;
  const folder = temporaryFolder();
  const bodies = new Map<number, string>();

  beforeAll(async () => {
    for (const { bytes } of refusedRequests) {
      bodies.set(bytes, join(folder(), `${bytes}`));
      await writeFile(bodies.get(bytes)!, Buffer.alloc(bytes, 'x'));
    }
    database = await createDatabase('sqlite');
    server = await startServer({ DATABASE_URL: database.url, SHUTDOWN_SECONDS: '60', ...REFUSING });
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    await database.drop();
  });

  const check = async (name: string, request: RefusedRequest) => {
    const file = bodies.get(request.bytes)!;
    const counts = await repeat(ROUNDS, () => clients[name]!(server.url, request, file));
    console.log(`${name}, ${request.what}: ${JSON.stringify(counts)}`);
    expect(counts).toEqual({ [request.status]: ROUNDS });
  };

  describe.each(Object.keys(clients))('at %s', (name) => {
    const there = name !== 'curl' && name !== 'python3' ? true : isThere(name);
    if (!there) {
      it(`which is not on this machine: nothing is tried`, () => console.log(`There is no ${name} here.`));
      return;
    }

    it.each(refusedRequests)('for $what', (request) => check(name, request));

    it('for too many at once', async () => {
      const running = await Promise.all(Array.from({ length: 4 }, () => openPaused(server.url)));
      for (const socket of running) socket.write(`${headOf(busyRequest)}{"message":"one"}\n`);
      await expect
        .poll(() => clients[name]!(server.url, busyRequest, bodies.get(busyRequest.bytes)!))
        .toBe(503);
      await check(name, busyRequest).finally(() => running.forEach((socket) => socket.destroy()));
    });
  });
});
