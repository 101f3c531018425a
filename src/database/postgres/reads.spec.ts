import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../../../test/support/databases.js';
import { listen } from './driver.js';
import { ReadPipelines } from './reads.js';

const number = (n: unknown) => ({ text: 'SELECT $1::int AS n, pg_backend_pid() AS pid', values: [n] });

describe('ReadPipelines', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const open = (settings: pg.PoolConfig = {}) => {
    pool = new pg.Pool({
      connectionString: database.url,
      max: 4,
      pipeline: true,
      onConnect: listen,
      ...settings,
    });
    pool.on('error', () => undefined);
    return new ReadPipelines(pool);
  };
  /** Runs `work` with another connection. */
  const using = async (work: (other: pg.Client) => Promise<void>) => {
    const other = new pg.Client(database.url);
    await other.connect();
    await work(other).finally(() => other.end());
  };
  const numbers = async (pipelines: ReadPipelines, count: number) => {
    const reads = Array.from({ length: count }, (_, n) => pipelines.query(number(n)));
    return (await Promise.all(reads)).map(({ rows }) => rows[0] as { n: number; pid: number });
  };

  beforeAll(async () => (database = await createDatabase('postgres')));
  afterAll(() => database.drop());
  afterEach(() => pool.end());

  it.each([
    [1, 1],
    [8, 1],
    [20, 3],
    [100, 4],
  ])('answers %i reads of one turn on %i connections', async (reads, connections) => {
    const rows = await numbers(open(), reads);
    expect(rows.map(({ n }) => n)).toEqual(rows.map((_, n) => n));
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(connections);
  });

  it('lets no read fail for another', async () => {
    const pipelines = open({ max: 1 });
    const statement = { name: 'named', text: 'SELECT 1 / $1::int AS n' };
    const read = (n: unknown) => pipelines.query({ ...statement, values: [n] });
    const results = await Promise.allSettled([read(0), read(1), read('no number'), read(-1)]);
    expect(results).toMatchObject([
      { reason: { message: 'division by zero' } },
      { value: { rows: [{ n: 1 }] } },
      { reason: { message: 'invalid input syntax for type integer: "no number"' } },
      { value: { rows: [{ n: -1 }] } },
    ]);
    expect(await numbers(pipelines, 1)).toMatchObject([{ n: 0 }]);
  });

  it('keeps no connection whose prepared statements have become old', async () => {
    const pipelines = open({ max: 1 });
    await using(async (other) => {
      await other.query('CREATE TABLE grows (id int)');
      const read = () => pipelines.query({ name: 'grows', text: 'SELECT * FROM grows' });
      await read();
      await other.query('ALTER TABLE grows ADD COLUMN name text');
      await expect(read()).rejects.toThrow('cached plan must not change result type');
      expect((await read()).fields.map(({ name }) => name)).toEqual(['id', 'name']);
    });
  });

  it('tells each read of a connection that breaks, and takes another for the next', async () => {
    const pipelines = open();
    const reads = Promise.allSettled([
      pipelines.query({ text: 'SELECT pg_terminate_backend(pg_backend_pid())' }),
      pipelines.query(number(1)),
    ]);
    expect((await reads).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await numbers(pipelines, 1)).toMatchObject([{ n: 0 }]);
  });

  it('tells those behind a statement that cannot be prepared why that is so', async () => {
    const pipelines = open({ statement_timeout: 200 });
    const read = () => pipelines.query({ name: 'locked', text: 'SELECT id FROM locked' });
    await using(async (other) => {
      await other.query('CREATE TABLE locked (id int)');
      await other.query('BEGIN; LOCK TABLE locked');
      const results = await Promise.allSettled([read(), read(), read()]);
      const codes = results.map((result) => (result as { reason?: { code?: string } }).reason?.code);
      expect(codes).toEqual(['57014', '57014', '57014']);
    });
    expect((await Promise.all([read(), read()])).map(({ rows }) => rows)).toEqual([[], []]);
  });

  it('lives on when a connection breaks as soon as it is open', async () => {
    // AuthenticationOk, ReadyForQuery and an ErrorResponse in one piece (PostgreSQL's manual, 54.7).
    const error = Buffer.from('SFATAL\0C57P01\0Mstopping\0\0');
    const answer = Buffer.concat([
      Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49, 0x45, 0, 0, 0, error.length + 4]),
      error,
    ]);
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(answer));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const pipelines = open({ connectionString: `postgres://nobody@127.0.0.1:${port}/none` });
    const results = await Promise.allSettled([pipelines.query(number(1)), pipelines.query(number(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    server.close();
  });

  it('tells each read that waits behind one without an answer', async () => {
    const pipelines = open({ query_timeout: 200 });
    const reads = [pipelines.query({ text: 'SELECT pg_sleep(60)' }), pipelines.query(number(1))];
    const results = await Promise.allSettled(reads);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await numbers(pipelines, 1)).toMatchObject([{ n: 0 }]);
  });

  it('tells each read that there is no connection for it', async () => {
    const pipelines = open({ max: 1, connectionTimeoutMillis: 100 });
    const held = await pool.connect();
    const results = await Promise.allSettled([pipelines.query(number(1)), pipelines.query(number(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    held.release();
  });
});
