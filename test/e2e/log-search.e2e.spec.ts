import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces } from '../support/problem-details.js';
import { insertRows } from '../support/rows.js';

interface Log {
  id: number;
  message: string;
  timestamp: string;
}

const NDJSON = 'application/x-ndjson';
const hour = (n: number): string => new Date(Date.UTC(2026, 0, 1, n)).toISOString();

describe.each(engines)('GET /logs with filters on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    // Ids 1 to 12, an hour apart; the last one was written elsewhere, long before.
    const messages = [
      'The backup is done',
      'BACKUP failed',
      '100% of 5_0',
      '100 of 5x0',
      'Ärger',
      'ärger',
      'a\\b',
      '',
      'line\nend',
      '"quotes"',
      '日本語 😀',
    ];
    const rows = messages.map((message, n) => ({ message, timestamp: hour(n + 1) }));
    await insertRows(test, LogEntry, [...rows, { message: 'old', timestamp: '1999-12-31T23:59:59.999Z' }]);
  });
  afterAll(() => test.close());

  const get = (query: string, accept = 'application/json') =>
    test.app.inject({ url: `/logs${query}`, headers: { accept } });
  const idsOf = async (query: string): Promise<number[]> => {
    const response = await get(query);
    expect(response.statusCode).toBe(200);
    return response.json<{ logs: Log[] }>().logs.map(({ id }) => id);
  };
  const linesOf = (body: string): Log[] => {
    expect(body === '' || body.endsWith('\n')).toBe(true);
    return body
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Log);
  };

  it.each([
    ['?limit=2', [1, 2]],
    ['?limit=0', []],
    ['?limit=2&after=3', [4, 5]],
    ['?after=11', [12]],
    ['?after=12', []],
    ['?after=2147483647', []],
    [`?since=${hour(10)}`, [10, 11]],
    [`?until=${hour(2)}`, [1, 12]],
    [`?since=${hour(2)}&until=${hour(4)}`, [2, 3]],
    [`?since=${hour(4)}&until=${hour(2)}`, []],
    ['?since=2026-01-01T10:00Z', [10, 11]],
    ['?since=2026-01-01T12:00:00.000%2B02:00', [10, 11]],
    ['?since=2026-01-01T12:00:00+02:00', [10, 11]],
    ['?since=2026-01-01T08:30:00-0130&limit=1', [10]],
    ['?until=2026-01-01', [12]],
    ['?until=9999-12-31&limit=1', [1]],
    ['?until=0001-01-01', []],
    ['?since=1h', []],
    ['?since=999999h&limit=1', [1]],
    ['?q=backup', [1, 2]],
    ['?q=BACKUP&after=1', [2]],
    ['?q=100%25', [3]],
    ['?q=5_0', [3]],
    ['?q=a\\b', [7]],
    ['?q=%C3%84rger', [5]],
    ['?q=%0A', [9]],
    ['?q=%22', [10]],
    ['?q=%F0%9F%98%80', [11]],
    ["?q='; DROP TABLE logs; --", []],
    ['?q=', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [`?q=o&since=${hour(2)}&limit=1`, [3]],
  ])('%s gives %j', async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  it('gives the same objects with a filter as without one', async () => {
    const { body } = await get('');
    expect((await get('?after=0')).body).toBe(body);
    expect(body).toMatch(/^\{"logs":\[\{"id":1,"message":"The backup is done","timestamp":"2026-01-01T01:00/);
  });

  it.each([
    ['?limit=-1', 'query.limit'],
    ['?limit=1.5', 'query.limit'],
    ['?limit=', 'query.limit'],
    ['?limit=2147483648', 'query.limit'],
    ['?after=x', 'query.after'],
    ['?after=-1', 'query.after'],
    ['?after=99999999999999999999', 'query.after'],
    ['?since=yesterday', 'query.since'],
    ['?since=', 'query.since'],
    ['?since=2026-02-30', 'query.since'],
    ['?since=2026-01-01T25:00Z', 'query.since'],
    ['?since=2026-01-01T10:00:00+99:00', 'query.since'],
    ['?since=0000-01-01', 'query.since'],
    ['?since=-1h', 'query.since'],
    ['?since=999999999w', 'query.since'],
    ['?until=1', 'query.until'],
    ['?q=%00', 'query.q'],
    [`?q=${'x'.repeat(1_001)}`, 'query.q'],
  ])('refuses %s', async (query, place) => {
    expect(faultyPlaces(await get(query))).toEqual([place]);
  });

  it('tells all faults of a query at once', async () => {
    expect(faultyPlaces(await get('?limit=x&since=y&q=%00'))).toEqual([
      'query.limit',
      'query.since',
      'query.q',
    ]);
  });

  it.each([NDJSON, `${NDJSON}, application/json;q=0.5`, `*/*;q=0.1, ${NDJSON}`])(
    'gives one entry a line to %s',
    async (accept) => {
      const response = await get('?limit=9', accept);
      expect(response.headers).toMatchObject({ 'content-type': NDJSON, vary: 'accept, hx-request' });
      const { logs } = (await get('?limit=9')).json<{ logs: Log[] }>();
      expect(linesOf(response.body)).toEqual(logs);
      expect((await get('?after=12', accept)).body).toBe('');
      expect(linesOf((await get('', accept)).body)).toHaveLength(12);
    },
  );

  it.each(['*/*', 'application/json', '', 'text/html', `application/json, ${NDJSON};q=0.9`, `${NDJSON};q=0`])(
    'gives JSON to "%s"',
    async (accept) => {
      const response = await get('?limit=1', accept);
      expect(response.headers).toMatchObject({
        'content-type': 'application/json',
        vary: 'accept, hx-request',
      });
      expect(response.json<{ logs: Log[] }>().logs).toHaveLength(1);
    },
  );

  it('refuses a faulty query of lines as a problem, too', async () => {
    expect(faultyPlaces(await get('?limit=x', NDJSON))).toEqual(['query.limit']);
  });

  it('answers other paths as ever where lines are asked for', async () => {
    const response = await test.app.inject({ url: '/tasks', headers: { accept: NDJSON } });
    expect(response.json()).toEqual([]);
  });
});

describe.each(engines)('GET /logs with filters in a long table on %s', (engine) => {
  const count = 12_345;
  const large = 'x'.repeat(700_000);
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    const rows = Array.from({ length: count }, (_, n) => ({
      message: n % 1_000 === 0 ? `every thousandth ${n}` : `${n}`,
      timestamp: hour(n),
    }));
    await insertRows(test, LogEntry, rows);
    await insertRows(
      test,
      LogEntry,
      [1, 2, 3].map(() => ({ message: large, timestamp: hour(count) })),
    );
  });
  afterAll(() => test.close());

  const idsOf = async (query: string): Promise<number[]> =>
    (await test.app.inject(`/logs${query}`)).json<{ logs: Log[] }>().logs.map(({ id }) => id);
  const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

  it('streams what fits, each entry once and in order', async () => {
    expect(await idsOf('?q=thousandth')).toEqual(from(0, 12).map((n) => n * 1_000 + 1));
    expect(await idsOf('?after=1')).toEqual(from(2, count + 3));
    expect(await idsOf('?limit=7000&after=3000')).toEqual(from(3_001, 10_000));
    expect(await idsOf(`?since=${hour(12_000)}`)).toEqual(from(12_001, count + 3));
    expect(await idsOf(`?until=${hour(1)}`)).toEqual([1]);
    expect(await idsOf('?q=xxx')).toEqual(from(count + 1, count + 3));
  });

  it('streams lines, large ones too', async () => {
    const { body } = await test.app.inject({ url: '/logs', headers: { accept: NDJSON } });
    const logs = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Log);
    expect(logs.map(({ id }) => id)).toEqual(from(1, count + 3));
    expect(logs.at(-1)?.message).toBe(large);
  });
});
