import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createDatabase, type Engine, engines, type TestDatabase } from '../support/databases.js';
import { EventStream } from '../support/event-stream.js';
import { faultOption } from '../support/fault-options.js';
import { randomNumbers } from '../support/random-numbers.js';
import { type Server, startServer } from '../support/server.js';

const REPLICAS = 4;
/** How many atomic bodies each replica takes in each of two loops. */
const ROUNDS = faultOption('rounds', 40);

const random = randomNumbers(faultOption('seed', 1));
const below = (limit: number): number => Math.floor(random() * limit);

const linesOf = (count: number, message: string): string =>
  Array.from({ length: count }, (_, n) => `{"message":"${message} ${n}"}\n`).join('');

const post = (url: string, path: string, body: string, type: string): Promise<Response> =>
  fetch(url + path, { method: 'POST', body, headers: { 'content-type': type } });

const idsOf = async (url: string): Promise<number[]> => {
  const response = await fetch(url, { headers: { accept: 'application/x-ndjson' } });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { id: number }).id);
};

/** Takes all entries page by page, until one is empty after the writers have ended. */
async function poll(urlOf: () => string, limit: string, ended: () => boolean): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const last = ended();
    const page = await idsOf(`${urlOf()}/logs?after=${ids.at(-1) ?? 0}${limit}`);
    ids.push(...page);
    if (last && page.length === 0) return ids;
    await delay(below(20));
  }
}

/** Adds an entry, and looks when a page of the same process has it. */
async function lags(url: string, ended: () => boolean): Promise<number[]> {
  const times: number[] = [];
  for (let after = 0; !ended(); await delay(50)) {
    await post(url, '/log', `{"message":"lag ${times.length}"}`, 'application/json');
    const begin = performance.now();
    for (let seen = false; !seen;) {
      const response = await fetch(`${url}/logs?after=${after}&q=lag ${times.length}`);
      const { logs } = (await response.json()) as { logs: { id: number; message: string }[] };
      seen = logs.some(({ message }) => message === `lag ${times.length}`);
      after = logs.at(-1)?.id ?? after;
    }
    times.push(performance.now() - begin);
  }
  return times.toSorted((a, b) => a - b);
}

/** Begins transactions that take ids: some are undone, and none ends at once. */
async function disturb(url: string, ended: () => boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  while (!ended()) {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO logs (message, timestamp) SELECT 'other', '2026-01-01T00:00:00.000Z' FROM generate_series(1, $1::int)`,
      [1 + below(50)],
    );
    await delay(below(60));
    await client.query(below(3) === 0 ? 'ROLLBACK' : 'COMMIT');
    await delay(below(60));
  }
  await client.end();
}

describe.each(engines)('four replicas on one %s database', (engine: Engine) => {
  let database: TestDatabase;
  let servers: Server[];
  beforeAll(async () => {
    database = await createDatabase(engine);
    servers = [];
    // One after the other: the first makes the tables.
    for (let n = 0; n < REPLICAS; n += 1) servers.push(await startServer({ DATABASE_URL: database.url }));
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    await database.drop();
  });

  it('give every entry to who pages by after=, beside atomic bodies and transactions that are undone', async () => {
    let over = false;
    const ended = (): boolean => over;
    const any = (): string => servers[below(REPLICAS)]!.url;
    const pollers = ['', '&limit=100', '&limit=1000', '&q=a&limit=500'].flatMap((limit, n) => [
      { name: `replica ${n}${limit}`, ids: poll(() => servers[n]!.url, limit, ended) },
      { name: `any replica${limit}`, ids: poll(any, limit, ended) },
    ]);
    const stream = await EventStream.open(`${servers[0]!.url}/logs/stream?after=0`);
    const streamed = stream.until(() => stream.response.destroyed).catch(() => undefined);
    const lagging = lags(servers[1]!.url, ended);
    const disturbing =
      engine === 'postgres' ? [disturb(database.url, ended), disturb(database.url, ended)] : [];

    const statuses = new Map<string, number>();
    const count = async (kind: string, answer: Promise<Response>): Promise<void> => {
      const { status } = await answer;
      statuses.set(`${kind} ${status}`, (statuses.get(`${kind} ${status}`) ?? 0) + 1);
    };
    const writing = servers.flatMap(({ url }) => [
      ...['a', 'b'].map(async (name) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          const refused = below(5) === 0 ? '{}\n' : '';
          const body = linesOf(1 + below(below(4) === 0 ? 2_000 : 100), `atomic ${name}`) + refused;
          await count('atomic', post(url, '/logs?atomic=true', body, 'application/x-ndjson'));
        }
      }),
      (async () => {
        for (let n = 0; n < ROUNDS; n += 1) {
          await count('bulk', post(url, '/logs', linesOf(1 + below(200), 'bulk a'), 'application/x-ndjson'));
        }
      })(),
      (async () => {
        for (let n = 0; n < 5 * ROUNDS; n += 1) {
          await count('single', post(url, '/log', '{"message":"single a"}', 'application/json'));
        }
      })(),
    ]);
    await Promise.all(writing);
    over = true;
    const times = await lagging;
    await Promise.all(disturbing);

    const all = await idsOf(`${servers[0]!.url}/logs`);
    const texts = await idsOf(`${servers[0]!.url}/logs?q=a`);
    const figures: string[] = [];
    const wrong: string[] = [];
    const compare = (name: string, ids: readonly number[], expected: readonly number[]): void => {
      const got = new Set(ids);
      const missed = expected.filter((id) => !got.has(id)).length;
      figures.push(`${name}: missed ${missed} of ${expected.length}`);
      if (missed > 0 || ids.length !== expected.length) wrong.push(figures.at(-1)!);
    };
    for (const { name, ids } of pollers) compare(name, await ids, name.includes('q=') ? texts : all);
    while (Number(stream.events.at(-1)?.id) < all.at(-1)!) await delay(50);
    stream.close();
    await streamed;
    compare(
      'stream',
      stream.events.map(({ id }) => Number(id)),
      all,
    );
    const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0);
    figures.push(`own entry in a page after: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`);
    console.log(`${engine}: ${[...statuses].map(([kind, n]) => `${kind} × ${n}`).join(', ')}`);
    console.log(figures.join('\n'));
    expect(wrong).toEqual([]);
  });
});
