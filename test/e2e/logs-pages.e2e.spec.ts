import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';

interface Log {
  id: number;
  message: string;
}

const NDJSON = 'application/x-ndjson';

/** The messages of GET /logs, in both of its forms, which are the same. */
async function messagesOf({ app }: TestApp, query: string): Promise<string[]> {
  const [list, lines] = await Promise.all([
    app.inject(`/logs${query}`),
    app.inject({ url: `/logs${query}`, headers: { accept: NDJSON } }),
  ]);
  const { logs } = list.json<{ logs: Log[] }>();
  expect(lines.body).toBe(logs.map((log) => `${JSON.stringify(log)}\n`).join(''));
  return logs.map(({ message }) => message);
}

const add = ({ app }: TestApp, message: string) =>
  app.inject({ method: 'POST', url: '/log', payload: { message } });

describe.each(engines)('pages of GET /logs on %s', (engine) => {
  let test: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    other = await startApp(engine, { database: { url: test.databaseUrl, drop: async () => undefined } });
  });
  afterAll(async () => {
    await other.close();
    await test.close();
  });

  it('have at once what any process has been answered to have added', async () => {
    for (let n = 0; n < 50; n += 1) {
      await add(n % 3 === 0 ? other : test, `entry ${n}`);
      const [here, there] = await Promise.all([
        messagesOf(test, `?after=${n}`),
        messagesOf(other, `?after=${n}&limit=9`),
      ]);
      expect([here, there]).toEqual([[`entry ${n}`], [`entry ${n}`]]);
    }
    expect(await messagesOf(test, '?limit=2')).toEqual(['entry 0', 'entry 1']);
  });
});

describe('pages of GET /logs and open transactions of PostgreSQL', () => {
  let test: TestApp;
  const writers: pg.Client[] = [];
  beforeAll(async () => {
    test = await startApp('postgres');
    for (let n = 0; n < 2; n += 1) {
      const writer = new pg.Client({ connectionString: test.databaseUrl });
      await writer.connect();
      writers.push(writer);
    }
  });
  afterAll(async () => {
    for (const writer of writers) await writer.end();
    await test.close();
  });

  const insert = (writer: pg.Client, message: string) =>
    writer.query('INSERT INTO logs (message, timestamp) VALUES ($1, $2)', [
      message,
      new Date().toISOString(),
    ]);
  /** A page as a poller asks for it, who goes on after the last id. */
  const pages = ['?after=0', '?limit=10', '?after=0&limit=10', '?after=0&q=%20', '?limit=10&since=1h'];
  const ofAll = (query: string) => messagesOf(test, query);

  it('end before an id that may still come, and all without limit and after is there', async () => {
    const [a, b] = writers as [pg.Client, pg.Client];
    await add(test, 'own 1');
    expect(await ofAll('?after=0')).toEqual(['own 1']);
    await a.query('BEGIN');
    await insert(a, 'late 2');
    await insert(b, 'early 3');
    await add(test, 'own 4');
    for (const page of pages) expect(await ofAll(page), page).toEqual(['own 1']);
    for (const all of ['', '?since=1h', '?q=%20']) {
      expect(await ofAll(all), all).toEqual(['own 1', 'early 3', 'own 4']);
    }
    await a.query('COMMIT');
    for (const page of pages) {
      expect(await ofAll(page), page).toEqual(['own 1', 'late 2', 'early 3', 'own 4']);
    }
    expect(await ofAll('?after=2')).toEqual(['early 3', 'own 4']);
  });

  it('go on behind ids that were rolled back', async () => {
    const [a, b] = writers as [pg.Client, pg.Client];
    await a.query('BEGIN');
    await insert(a, 'undone');
    await insert(b, 'after it');
    expect(await ofAll('?after=4')).toEqual([]);
    await a.query('ROLLBACK');
    expect(await ofAll('?after=4')).toEqual(['after it']);
  });

  it('do not wait for a transaction that has taken no id', async () => {
    const [a] = writers as [pg.Client];
    await a.query('BEGIN');
    await a.query('DELETE FROM logs WHERE id < 0');
    await add(test, 'meanwhile');
    expect(await ofAll('?after=6')).toEqual(['meanwhile']);
    await a.query('ROLLBACK');
  });
});
