import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { Client } from '../support/client.js';
import { createDatabase, engines, type TestDatabase } from '../support/databases.js';
import { EventStream } from '../support/event-stream.js';
import { freePort } from '../support/postgres.server.js';
import { sendAtOnce } from '../support/raw-connections.js';
import { type Server, spawnServer, startAndFail, startServer } from '../support/server.js';

const POLL = { timeout: 200_000, interval: 20 };

/** The processes that this one has started; none where it has ended. */
function workersOf({ process: { pid, exitCode, signalCode } }: Pick<Server, 'process'>): number[] {
  if (exitCode !== null || signalCode !== null) return [];
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return ids.split(' ').filter(Boolean).map(Number);
}

/** Those that still run. One that has ended may wait for its parent as a zombie. */
function alive(pids: number[]): number[] {
  return pids.filter((pid) => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  });
}

/** Resolves to the status of a GET on a connection of its own, and to what went wrong where there is none. */
const tryOnce = (url: string): Promise<number | string> =>
  new Promise((resolve) => {
    const get = request(`${url}/info`, { agent: false }, (response) =>
      resolve(response.resume().statusCode ?? 0),
    );
    get.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? '')).end();
  });

const summaryOf = async (url: string) => {
  const answer = await fetch(`${url}/search/len`, { headers: { connection: 'close' } });
  return ((await answer.json()) as { summary: string }).summary;
};

/** Opens connections that go to one worker, as the others are stopped and accept none. */
async function only<T>(worker: number, workers: readonly number[], open: () => Promise<T>): Promise<T> {
  const others = workers.filter((pid) => pid !== worker);
  await freeze(others);
  try {
    return await open();
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT');
  }
}

async function freeze(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => readFileSync(`/proc/${pid}/status`, 'utf8'), POLL).toMatch(/^State:\s+T/m);
  }
}

/** A GET on a connection of its own, with the id in the log. */
const getAs = (url: string, id: string) =>
  fetch(`${url}/info`, { headers: { 'x-request-id': id, connection: 'close' } });

/** Sends the head of a request, and its body when `finish` is called. A process has begun with it by then. */
async function beginRequest(url: string, id: string) {
  const body = JSON.stringify({ message: id });
  const post = request(`${url}/log`, {
    method: 'POST',
    agent: new Agent(),
    headers: { 'x-request-id': id, expect: '100-continue', 'content-length': body.length },
  });
  const answered = once(post, 'response').then(async ([response]: IncomingMessage[]) => [
    response?.statusCode,
    response && (await text(response)),
  ]);
  // Whoever awaits it is told of a failure, however much later.
  answered.catch(() => undefined);
  post.flushHeaders();
  await once(post, 'continue');
  return { answered, finish: () => post.end(body) };
}

/** The ids of the processes that have written the lines of these requests. */
function pidsOf(server: Server, ids: string[]): Set<number> {
  const lines = server.output.map((line) => JSON.parse(line) as { id?: string; pid: number });
  return new Set(lines.filter(({ id }) => id && ids.includes(id)).map(({ pid }) => pid));
}

const CREATED = [200, '{"status":"Log entry created"}'];

describe('a start with workers', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase('sqlite');
  });
  afterEach(() => database.drop());

  it('prints one line, when all of them answer on one port', async () => {
    const server = await startServer({ DATABASE_URL: database.url, WORKERS: '3' });
    expect(server.output).toHaveLength(1);
    expect(JSON.parse(server.output[0] ?? '')).toMatchObject({
      level: 'info',
      msg: `Daybook listens on ${server.url} - database ${database.url} - docs ${server.url}/docs - 3 workers`,
    });
    const workers = workersOf(server);
    expect(workers).toHaveLength(3);
    const ids = ['first', 'second', 'third'];
    for (const [index, id] of ids.entries()) {
      expect((await only(workers[index]!, workers, () => getAs(server.url, id))).status).toBe(200);
      await server.nextLine(new RegExp(`"id":"${id}"`));
    }
    expect(pidsOf(server, ids)).toEqual(new Set(workers));
    expect(await server.end('SIGTERM')).toEqual([0, null]);
  });

  it('ends the streams of all workers when it stops, at once', async () => {
    const settings = { DATABASE_URL: database.url, WORKERS: '2', SHUTDOWN_SECONDS: '3600' };
    const server = await startServer(settings);
    const streams = await Promise.all(
      Array.from({ length: 4 }, () => EventStream.open(`${server.url}/logs/stream`)),
    );
    const body = JSON.stringify({ message: 'to all' });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${server.url}/log`, { method: 'POST', body, headers })).status).toBe(200);
    for (const stream of streams) await stream.until(1);
    const ends = streams.map((stream) => stream.toEnd());
    expect(await server.end('SIGTERM')).toEqual([0, null]);
    for (const events of await Promise.all(ends)) expect(events).toHaveLength(1);
    expect(streams.map(({ response }) => response.complete)).toEqual([true, true, true, true]);
  });

  it.each([
    [{ WORKERS: '65' }, 'Setting WORKERS must be a whole number from 1 to 64, not "65".'],
    [{ PORT: 'eighty' }, 'Setting PORT must be a whole number from 0 to 65535, not "eighty".'],
    [
      { PASSWORD_MIN_LENGTH: '0' },
      'Setting PASSWORD_MIN_LENGTH must be a whole number from 1 to 1000, not "0".',
    ],
    [{ HOST: '203.0.113.7' }, /^This machine has no such address: set HOST/],
  ])('stops with one sentence when the settings are %j', async (settings, sentence) => {
    const { code, output } = await startAndFail({ DATABASE_URL: database.url, WORKERS: '3', ...settings });
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output.split('\n')).toHaveLength(1);
  });

  it('stops with one sentence when the port is taken', async () => {
    const server = await startServer({ DATABASE_URL: database.url, WORKERS: '2' });
    const { port } = new URL(server.url);
    const { code, output } = await startAndFail({ DATABASE_URL: database.url, PORT: port, WORKERS: '2' });
    expect(code).toBe(1);
    expect(output).toMatch(/^Another process listens there already: stop it, or set PORT/);
    expect(output.split('\n')).toHaveLength(1);
    await server.end('SIGTERM');
  });

  it('stops with one sentence when the file is no database', async () => {
    await writeFile(database.url.replace('sqlite:', ''), 'Dear diary, this is not a database. '.repeat(100));
    const { code, output } = await startAndFail({ DATABASE_URL: database.url, WORKERS: '3' });
    expect(code).toBe(1);
    expect(output).toMatch(/^The file is not an SQLite database: set DATABASE_URL to another file\./);
    expect(output.split('\n')).toHaveLength(1);
  });

  it('stops with one sentence when only a later worker cannot start, and ends the others', async () => {
    const server = spawnServer({ DATABASE_URL: database.url, WORKERS: '3' });
    const closed = once(server.process, 'close');
    await expect.poll(() => workersOf(server).length, { timeout: 200_000, interval: 2 }).toBe(3);
    const workers = workersOf(server);
    // Both at once, which is still told once.
    for (const pid of workers.slice(1)) process.kill(pid, 'SIGKILL');
    expect(await closed).toEqual([1, null]);
    expect(server.output.at(-1)).toMatch(/^Worker \d+ ended with SIGKILL before it listened\.$/);
    expect(server.output.filter((line) => line.includes('Worker'))).toHaveLength(1);
    expect(alive(workers)).toEqual([]);
  });

  it('ends with 0 and without a word of failure when it is told to stop meanwhile', async () => {
    const server = spawnServer({ DATABASE_URL: database.url, WORKERS: '3' });
    await expect.poll(() => workersOf(server).length, { timeout: 200_000, interval: 2 }).toBe(3);
    expect(await server.end('SIGTERM')).toEqual([0, null]);
    expect(server.output.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'info', msg: 'Daybook stops: it finishes what runs' },
    ]);
  });
});

describe('running workers', () => {
  let database: TestDatabase;
  let server: Server;
  let workers: number[];

  beforeEach(async () => {
    database = await createDatabase('sqlite');
    server = await startServer({
      DATABASE_URL: database.url,
      WORKERS: '2',
      SHUTDOWN_SECONDS: '600',
      SEARCH_FILE: inject('searchFile'),
    });
    workers = workersOf(server);
  });
  afterEach(async () => {
    for (const pid of alive([...workers, ...workersOf(server)])) process.kill(pid, 'SIGKILL');
    if (server.process.exitCode === null && server.process.signalCode === null) await server.end('SIGKILL');
    await database.drop();
  });

  /** A request that runs in each of the workers. */
  const beginInEach = async () => [
    await only(workers[0]!, workers, () => beginRequest(server.url, 'begun-first')),
    await only(workers[1]!, workers, () => beginRequest(server.url, 'begun-second')),
  ];

  it('load the search anew at SIGHUP, all of them, and none ends', async () => {
    const summaries = async () => [
      await only(workers[0]!, workers, () => summaryOf(server.url)),
      await only(workers[1]!, workers, () => summaryOf(server.url)),
    ];
    expect(new Set(await summaries())).toEqual(new Set(['How many things there are.']));
    const swapped = () => server.output.filter((line) => line.includes('Search answers from the new'));
    const swaps = () => swapped().length;
    // Once as from a supervisor, which tells the parent, and once as from a terminal that closes, which tells all.
    server.process.kill('SIGHUP');
    await expect.poll(swaps, POLL).toBe(2);
    expect(new Set(swapped().map((line) => (JSON.parse(line) as { pid: number }).pid))).toEqual(
      new Set(workers),
    );
    for (const pid of [server.process.pid!, ...workers]) process.kill(pid, 'SIGHUP');
    await expect.poll(swaps, POLL).toBeGreaterThanOrEqual(4);
    expect(new Set(await summaries())).toEqual(new Set(['How many things there are.']));
    expect(workersOf(server)).toEqual(workers);
    expect(server.process.exitCode).toBeNull();
    expect(server.output.join('\n')).not.toMatch(/"level":"(warn|error)"/);
  });

  it('are replaced when they end, and the others go on answering', async () => {
    const [first, second] = workers;
    process.kill(first!, 'SIGKILL');
    const line = await server.nextLine(new RegExp(`Worker ${first} ended`));
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      msg: `Worker ${first} ended with SIGKILL. Another worker starts in 100 ms.`,
    });
    for (let n = 0; n < 10; n += 1) expect(await tryOnce(server.url)).toBe(200);

    await server.nextLine(/Worker \d+ has taken its place/);
    const replaced = workersOf(server);
    expect(replaced).toHaveLength(2);
    expect(replaced).toContain(second);
    for (const [index, id] of ['third', 'fourth'].entries()) {
      await only(replaced[index]!, replaced, () => getAs(server.url, id));
      await server.nextLine(new RegExp(`"id":"${id}"`));
    }
    expect(pidsOf(server, ['third', 'fourth'])).toEqual(new Set(replaced));
  });

  it('are replaced later and later when they end again and again', async () => {
    for (const pauseMs of [100, 200, 400]) {
      const [pid] = workersOf(server);
      const places = () => server.output.filter((line) => line.includes('has taken its place')).length;
      const before = places();
      process.kill(pid!, 'SIGKILL');
      await server.nextLine(new RegExp(`Worker ${pid} ended with SIGKILL\\. .* in ${pauseMs} ms`));
      await expect.poll(places, POLL).toBe(before + 1);
    }
  });

  it('come back on a port that was given when all end at once', async () => {
    const port = String(await freePort());
    const other = await startServer({ DATABASE_URL: database.url, WORKERS: '2', PORT: port });
    for (const pid of workersOf(other)) process.kill(pid, 'SIGKILL');
    await other.nextLine(/ended with SIGKILL/);
    await expect.poll(() => tryOnce(other.url), POLL).toBe(200);
    expect(await other.end('SIGTERM')).toEqual([0, null]);
  });

  it('leave what they have not begun to the others when they are killed', async () => {
    const [first] = workers;
    // It neither accepts nor answers, as if it were busy.
    await freeze([first!]);
    const answers = await sendAtOnce(server.url, '/info', 20);
    process.kill(first!, 'SIGKILL');
    expect(await answers()).toEqual(Array(20).fill(200));
  });

  it('answer at SIGTERM what was sent before it', async () => {
    await freeze(workers);
    const answers = await sendAtOnce(server.url, '/info', 20);
    const ended = server.end('SIGTERM');
    await server.nextLine(/Daybook stops/);
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    expect(await answers()).toEqual(Array(20).fill(200));
    expect(await ended).toEqual([0, null]);
  });

  it('finish what runs at SIGTERM, take nothing new, and exit with 0', async () => {
    const begun = await beginInEach();
    const ended = server.end('SIGTERM');
    await expect.poll(() => tryOnce(server.url), POLL).toBe('ECONNREFUSED');
    for (const { finish } of begun) finish();
    expect(await Promise.all(begun.map(({ answered }) => answered))).toEqual([CREATED, CREATED]);
    expect(await ended).toEqual([0, null]);
    expect(alive(workers)).toEqual([]);
    expect(pidsOf(server, ['begun-first', 'begun-second'])).toEqual(new Set(workers));
    expect(server.output.filter((line) => line.includes('Daybook stops'))).toHaveLength(1);
    expect(server.output.join('\n')).not.toMatch(/"level":"warn"/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'finish what runs when all processes get %s at once, as from a terminal or from systemd',
    async (signal) => {
      const begun = await beginInEach();
      const exit = once(server.process, 'exit');
      for (const pid of [...workers, server.process.pid!]) process.kill(pid, signal);
      await expect.poll(() => tryOnce(server.url), POLL).toBe('ECONNREFUSED');
      for (const { finish } of begun) finish();
      expect(await Promise.all(begun.map(({ answered }) => answered))).toEqual([CREATED, CREATED]);
      expect(await exit).toEqual([0, null]);
      expect(alive(workers)).toEqual([]);
    },
  );

  it('do not wait for what runs at a second signal', async () => {
    const begun = await beginInEach();
    server.process.kill('SIGTERM');
    await server.nextLine(/Daybook stops/);
    // What comes at once is the same signal again, so it is repeated until it is a later one.
    const repeated = setInterval(() => server.process.kill('SIGTERM'), 50);
    expect(await once(server.process, 'exit').finally(() => clearInterval(repeated))).toEqual([143, null]);
    await expect.poll(() => alive(workers), POLL).toEqual([]);
    for (const { answered } of begun) await expect(answered).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('do not survive a parent that is killed, but finish what runs', async () => {
    const begun = await beginInEach();
    await server.end('SIGKILL');
    await expect.poll(() => tryOnce(server.url), POLL).toBe('ECONNREFUSED');
    for (const { finish } of begun) finish();
    expect(await Promise.all(begun.map(({ answered }) => answered))).toEqual([CREATED, CREATED]);
    await expect.poll(() => alive(workers), POLL).toEqual([]);
  });
});

describe('what workers count', () => {
  const sample = (metrics: string, name: string) =>
    Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1],
    );

  it('is told whole by whichever is asked, and does not fall when one of them ends', async () => {
    const database = await createDatabase('sqlite');
    const server = await startServer({ DATABASE_URL: database.url, WORKERS: '3' });
    const workers = workersOf(server);
    const get = async (path: string) =>
      (await fetch(server.url + path, { headers: { connection: 'close' } })).text();
    const requests = async () => {
      const metrics = await get('/metrics');
      const of = (result: string) => sample(metrics, `daybook_cache_requests_total{result="${result}"}`);
      return { hit: of('hit'), miss: of('miss'), entries: sample(metrics, 'daybook_cache_entries') };
    };
    const read = async (pids: readonly number[], times: number) => {
      for (const pid of pids) {
        await only(pid, workersOf(server), async () => {
          for (let n = 0; n < times; n += 1) await get('/openapi.json');
        });
      }
    };
    await read(workers, 4);
    const all = { hit: 9, miss: 3, entries: 3 };
    for (let n = 0; n < 4; n += 1) expect(await requests()).toEqual(all);

    process.kill(workers[0]!, 'SIGKILL');
    await server.nextLine(/has taken its place/);
    for (let n = 0; n < 4; n += 1) expect(await requests()).toEqual({ ...all, entries: 2 });
    await read(workersOf(server), 1);
    for (let n = 0; n < 4; n += 1) expect(await requests()).toEqual({ hit: 11, miss: 4, entries: 3 });
    expect(await server.end('SIGTERM')).toEqual([0, null]);
    await database.drop();
  });
});

describe.each(engines)('workers on %s', (engine) => {
  it('take 2,000 writes from 99 clients: none is lost, and none fails', async () => {
    const database = await createDatabase(engine);
    const server = await startServer({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '5', WORKERS: '3' });
    const workers = workersOf(server);
    const clients = workers.map(() => new Client(server.url, 33));
    for (const [index, pid] of workers.entries()) {
      const open = () => Promise.all(Array.from({ length: 33 }, () => clients[index]!.get('/info')));
      // They stay open.
      await only(pid, workers, open);
    }
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => {
        const client = clients[n % clients.length]!;
        return [
          client.post('/log', { message: `entry ${n}` }),
          client.post('/notes', { text: `note ${n}`, completed: false }),
        ];
      }).flat(),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const { logs } = JSON.parse((await clients[0]!.get('/logs')).body) as {
      logs: { id: number; message: string }[];
    };
    const notes = JSON.parse((await clients[0]!.get('/notes/all')).body) as { id: number; text: string }[];
    for (const client of clients) client.close();
    expect(new Set(logs.map(({ message }) => message)).size).toBe(1_000);
    expect(new Set(logs.map(({ id }) => id)).size).toBe(1_000);
    expect(new Set(notes.map((note) => note.text)).size).toBe(1_000);
    expect(new Set(notes.map(({ id }) => id)).size).toBe(1_000);

    expect(await server.end('SIGTERM')).toEqual([0, null]);
    const writers = server.output.filter((line) => line.includes('"status":200'));
    expect(new Set(writers.map((line) => (JSON.parse(line) as { pid: number }).pid)).size).toBe(3);
    await database.drop();
  });
});
