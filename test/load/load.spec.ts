import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { DataSource } from 'typeorm';
import { storageOptions } from '../../src/storage/storage.options.js';
import { describeInBrowser, openPage, startBrowser } from '../support/browser.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { freePort } from '../support/postgres.server.js';
import { type Server, startServer } from '../support/server.js';

const LOAD = fileURLToPath(new URL('../../bench/load/load.mjs', import.meta.url));

/** What a server may tell of itself. */
const HOSTILE = '</style></title><img src="http://192.0.2.1/x.png"><script>console.error("run")</script>';

interface Result {
  readonly stopped: boolean;
  readonly setUp: Record<string, number>;
  readonly requests: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unanswered: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly endpoints: { endpoint: string; requests: number; succeeded: number; failed: number }[];
  readonly failures: { kind: string; endpoint: string; count: number }[];
  readonly samples: { at: number; failures: Record<string, number> }[];
}

let folder: string;
let report: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-load-'));
  report = join(folder, 'report.html');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs it for a second where nothing else is said. */
function startLoad(args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [LOAD, '--duration', '1', '--out', report, ...args]);
  const end = async (): Promise<Ended> => {
    const [output, errors] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code: child.exitCode ?? -1, output, errors };
  };
  return { child, ended: end() };
}

const load = (args: string[]) => startLoad(args).ended;

async function loadAsJson(args: string[]): Promise<{ code: number; errors: string; result: Result }> {
  const { code, output, errors } = await load([...args, '--json']);
  return { code, errors, result: JSON.parse(output) as Result };
}

/** How many times an endpoint was answered with 2xx. */
function succeeded({ endpoints }: Result, name: string): number {
  return endpoints.find(({ endpoint }) => endpoint === name)?.succeeded ?? NaN;
}

describe.each(engines)('the load test on %s', (engine) => {
  let database: TestDatabase;
  let server: Server;
  beforeAll(async () => {
    database = await createDatabase(engine);
    server = await startServer({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    await database.drop();
  });

  async function countRows(): Promise<Record<string, number>> {
    const source = await new DataSource(storageOptions(databaseConfig(database.url))).initialize();
    const counts: Record<string, number> = {};
    for (const table of ['logs', 'tasks', 'users', 'items', 'notes']) {
      const [row] = await source.query<{ count: string }[]>(`SELECT count(*) AS count FROM ${table}`);
      counts[table] = Number(row?.count);
    }
    await source.destroy();
    return counts;
  }

  it('counts what the database has', async () => {
    const mix =
      'POST /log=5,POST /tasks/=4,POST /notes=3,POST /users/{user_id}/items=2,GET /tasks/{id},PUT /tasks/{id},' +
      'GET /notes/{id},PUT /notes/{id},GET /users/{id},GET /users,GET /items,GET /notes,GET /tasks,GET /logs,' +
      'GET /notes/all,POST /users';
    const { code, errors, result } = await loadAsJson([
      ...['--host', server.url, '--users', '8', '--duration', '2', '--mix', mix],
    ]);
    expect({ code, errors, failures: result.failures }).toEqual({ code: 0, errors: '', failures: [] });
    expect(result.setUp).toEqual({ tasks: 20, notes: 20, users: 20, items: 40 });
    expect(result.endpoints).toHaveLength(16);
    // Chosen by chance: of few requests, as on a machine that is busy, the rarest endpoint may have had none.
    const never = result.endpoints.filter(({ requests }) => requests === 0).map(({ endpoint }) => endpoint);
    expect(result.requests < 1_000 || never.length === 0, never.join()).toBe(true);
    expect(result.endpoints.reduce((sum, { requests }) => sum + requests, 0)).toBe(result.requests);
    expect(result.samples.length).toBeGreaterThanOrEqual(1);

    const rows = await countRows();
    const written = {
      logs: succeeded(result, 'POST /log'),
      tasks: succeeded(result, 'POST /tasks') + 20,
      notes: succeeded(result, 'POST /notes') + 20,
      users: succeeded(result, 'POST /users') + 20,
      items: succeeded(result, 'POST /users/{id}/items') + 40,
    };
    // What was under way at the end was not counted, and may be there.
    let more = 0;
    for (const [table, count] of Object.entries(written)) {
      expect(rows[table], table).toBeGreaterThanOrEqual(count);
      more += (rows[table] ?? NaN) - count;
    }
    expect(more).toBeLessThanOrEqual(result.unanswered);
    expect(result.unanswered).toBeLessThanOrEqual(8);
  });
});

describe('the load test', () => {
  let http: HttpServer;
  let url: string;

  /** What looks like a Daybook, but answers all but what the test is set up with as it is told. */
  async function listen(answer: RequestListener): Promise<void> {
    http = createServer((request, response) => {
      if (request.url === '/openapi.json')
        response.end(JSON.stringify({ info: { title: 'Daybook', version: HOSTILE } }));
      else answer(request, response);
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }
  afterEach(() => {
    http?.closeAllConnections();
    http?.close();
  });

  it('counts failures by kind and endpoint, and fails', async () => {
    let failed = 0;
    let asked = 0;
    await listen((request, response) => {
      asked += 1;
      if (request.url === '/tasks' && asked % 3 === 0) {
        failed += 1;
        response.statusCode = 500;
        response.end('{"type": "urn:daybook:problem:internal-error", "title": "<b>"}');
      } else response.end('[]');
    });
    const args = ['--host', url, '--users', '4', '--mix', 'GET /tasks=3,POST /log=1'];
    const { code, errors, result } = await loadAsJson(args);
    expect(code).toBe(1);
    expect(errors).toMatch(/^[\d,]+ requests failed; --max-failures is 0\.\n$/);
    expect(result.failures).toEqual([
      { kind: '500 internal-error', endpoint: 'GET /tasks', count: result.failed },
    ]);
    // Those under way at the end were not heard.
    expect(result.failed).toBeGreaterThan(0);
    expect(failed - result.failed).toBeGreaterThanOrEqual(0);
    expect(asked - result.requests).toBeLessThanOrEqual(result.unanswered);
    expect(succeeded(result, 'POST /log')).toBeGreaterThan(0);
    expect(result.samples[0]?.failures).toHaveProperty('500 internal-error');
    expect(await readFile(report, 'utf8')).toContain('500 internal-error');

    expect(await load([...args, '--max-failures', '100000000'])).toMatchObject({ code: 0, errors: '' });
  });

  it('counts a connection that is closed without an answer once, and tells no other request of it', async () => {
    let closed = 0;
    let answered = 0;
    await listen((request, response) => {
      if (request.url === '/log') {
        closed += 1;
        request.socket.end();
      } else {
        answered += 1;
        response.end('[]');
      }
    });
    const { code, result } = await loadAsJson([
      '--host',
      url,
      '--users',
      '4',
      '--mix',
      'GET /tasks,POST /log',
    ]);
    expect(code).toBe(1);
    expect(new Set(result.failures.map(({ endpoint }) => endpoint))).toEqual(new Set(['POST /log']));
    expect(result.failed).toBeGreaterThan(0);
    expect(closed - result.failed).toBeGreaterThanOrEqual(0);
    expect(closed - result.failed + answered - result.succeeded).toBeLessThanOrEqual(4);
  });

  it('goes on after half an answer', async () => {
    let asked = 0;
    let answered = 0;
    await listen((request, response) => {
      asked += 1;
      if (asked % 5 === 0) {
        request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\nhalf');
        return;
      }
      answered += 1;
      response.end('[]');
    });
    const { code, result } = await loadAsJson(['--host', url, '--users', '4', '--mix', 'GET /tasks']);
    expect(code).toBe(1);
    expect(result.failed).toBeGreaterThan(4);
    expect(answered - result.succeeded).toBeGreaterThanOrEqual(0);
    expect(asked - result.requests).toBeLessThanOrEqual(4);
  });

  it('takes a connection that the server says it closes for no failure', async () => {
    let most = 0;
    await listen((_request, response) => {
      http.getConnections((_error, count) => (most = Math.max(most, count)));
      response.setHeader('connection', 'close');
      response.end('[]');
    });
    const { code, errors, result } = await loadAsJson(['--host', url, '--users', '4', '--mix', 'GET /tasks']);
    expect({ code, errors, failures: result.failures }).toEqual({ code: 0, errors: '', failures: [] });
    expect(result.succeeded).toBeGreaterThan(0);
    // A user has one connection; an old one may not be quite gone.
    expect(most).toBeLessThanOrEqual(8);
  });

  it('fails where nothing is answered', async () => {
    await listen(() => undefined);
    const { code, errors, result } = await loadAsJson(['--host', url, '--users', '3', '--mix', 'GET /tasks']);
    expect({ code, errors }).toEqual({ code: 1, errors: 'Not one request was answered with 2xx.\n' });
    expect(result).toMatchObject({ requests: 0, unanswered: 3, p50: null, p99: null });
    expect(await readFile(report, 'utf8')).toContain('3 requests had no answer yet');
  });

  it('goes on counting when the server is gone', async () => {
    let asked = 0;
    await listen((_request, response) => {
      asked += 1;
      response.end('[]');
      if (asked === 20) {
        http.close();
        http.closeAllConnections();
      }
    });
    const { code, result } = await loadAsJson(['--host', url, '--users', '4', '--mix', 'GET /tasks']);
    expect(code).toBe(1);
    expect(result.succeeded).toBeGreaterThan(10);
    expect(result.failures.map(({ kind }) => kind)).toContain('connection refused');
    // A user who was not let in waits before it tries again.
    expect(result.failed).toBeLessThan(200);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('reports what it has when it is stopped by %s', async (signal) => {
    let asked = 0;
    let stop = () => {};
    await listen((_request, response) => {
      asked += 1;
      if (asked === 50) stop();
      response.end('[]');
    });
    const { child, ended } = startLoad([
      ...['--host', url, '--users', '4', '--mix', 'GET /tasks', '--duration', '600', '--json'],
    ]);
    // Twice, as npm passes on what the terminal sends as well.
    stop = () => [child.kill(signal), child.kill(signal)];
    const { code, output } = await ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    const result = JSON.parse(output) as Result;
    expect(result.stopped).toBe(true);
    expect(result.succeeded).toBeGreaterThanOrEqual(40);
    expect(await readFile(report, 'utf8')).toContain('It was stopped before its time.');
  });

  it('says that no server answers', async () => {
    const port = await freePort();
    const { code, output, errors } = await load(['--host', `http://127.0.0.1:${port}`]);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toBe(
      `No server answers at http://127.0.0.1:${port}: nobody listens there. ` +
        'Start it with "npm start", or set --host.\n',
    );
  });

  it('says that another server answers', async () => {
    http = createServer((_request, response) => response.end('<h1>Hello</h1>'));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const { port } = http.address() as AddressInfo;
    const { code, errors } = await load(['--host', `http://127.0.0.1:${port}`]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^What answers at \S+ is no Daybook: its \/openapi\.json is not Daybook's\.\n$/);
  });

  it('says that the server does not take what it sets up', async () => {
    await listen((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    const { code, errors } = await load(['--host', url]);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: 'The server answered POST /tasks, with which the test is set up, with 503.\n',
    });
  });

  it('does not write into another machine unless it is told to', async () => {
    const { code, errors } = await load(['--host', 'http://192.0.2.1:8000']);
    expect(code).toBe(1);
    expect(errors).toBe(
      'http://192.0.2.1:8000 is not this machine. With --yes it is loaded, and written into, all the same.\n',
    );
  });

  it('says what is wrong with its options', async () => {
    const wrong: [string[], RegExp][] = [
      [['--host', '127.0.0.1:8000'], /is no address of a server: write it as http:\/\/127\.0\.0\.1:8000\./],
      [['--host', 'ftp://127.0.0.1'], /is no address of a server/],
      [['--host', 'http://127.0.0.1:8000/tasks'], /the scheme, the host and the port only/],
      [['--host', 'http://me:secret@127.0.0.1:8000'], /the scheme, the host and the port only/],
      [['--users', '0'], /It must be a whole number from 1 to 10000\./],
      [['--users', '1e3'], /It must be a whole number from 1 to 10000\./],
      [['--duration', '1.5'], /It must be a whole number from 1 to 3600\./],
      [['--mix', 'everything'], /"everything" is no mix; there are mixed, read, write, lists, register, and/],
      [['--mix', 'constructor'], /"constructor" is no mix/],
      [
        ['--mix', 'DELETE /tasks/{id}'],
        /It has no requests for "DELETE \/tasks\/\{id\}"; there are POST \/log, /,
      ],
      [['--mix', 'GET /tasks,get /tasks/'], /GET \/tasks is there twice\./],
      [['--mix', 'GET /tasks=0'], /The weight of GET \/tasks must be a number above 0, not "0"\./],
      [['--mix', 'GET /tasks=many'], /The weight of GET \/tasks must be a number above 0, not "many"\./],
      [['--max-failures', '-1'], /It must be a whole number from 0/],
    ];
    await Promise.all(
      wrong.map(async ([args, sentence]) => {
        const { code, output, errors } = await load(args);
        expect({ code, output }).toEqual({ code: 1, output: '' });
        expect(errors).toMatch(sentence);
        expect(errors).not.toContain('    at ');
      }),
    );
  });

  it('says at once where the report cannot be written', async () => {
    await mkdir(report);
    expect(await load([])).toMatchObject({
      code: 1,
      errors: `The report cannot be written to ${report}: it is a folder.\n`,
    });
    const file = join(folder, 'nowhere', 'report.html');
    expect(await load(['--out', file])).toMatchObject({
      code: 1,
      errors: `The report cannot be written to ${file}: there is no such folder.\n`,
    });
  });

  it('warns in its help that it writes', async () => {
    const { code, output } = await load(['--help']);
    expect(code).toBe(0);
    expect(output).toContain('It WRITES into the database');
    expect(output).toContain('POST /users/{id}/items');
  });

  describeInBrowser('the report', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    it.each(['light', 'dark'] as const)('opens offline in the %s colours', async (colorScheme) => {
      await listen((request, response) => {
        response.statusCode = request.method === 'POST' ? 500 : 200;
        response.end('[]');
      });
      await load(['--host', url, '--users', '2', '--mix', 'GET /tasks,POST /log']);
      const visit = await openPage(browser, pathToFileURL(report).href, { colorScheme, offline: true });
      await visit.page.goto('');
      expect(await visit.page.title()).toBe(`Load test of ${url}`);
      const charts = visit.page.locator('svg[role=img]');
      expect(await charts.count()).toBe(3);
      for (const chart of await charts.all()) {
        expect(await chart.locator('polyline, circle').count()).toBeGreaterThan(0);
      }
      expect(await visit.page.locator('td', { hasText: 'POST /log' }).count()).toBeGreaterThan(0);
      expect(await visit.page.locator('img, script').count()).toBe(0);
      expect(await visit.page.locator('body').innerText()).toContain(HOSTILE);
      expect(visit.requests).toEqual([`GET ${pathToFileURL(report).href}`]);
      await visit.close();
    });
  });
});
