import pg from 'pg';
import { type Dialect, dialectOf } from '../../src/database/dialect.js';
import { CompiledStatement } from '../../src/database/statements/compiled-statement.js';
import { administer, engines } from '../support/databases.js';
import { openConnection, type TestConnection } from '../support/open-connection.js';

// What is expected stands once: the engines answer alike.
describe.each(engines)('the dialect of %s', (engine) => {
  let test: TestConnection;
  let dialect: Dialect;
  beforeAll(async () => {
    test = await openConnection(engine);
    dialect = dialectOf(test.dataSource);
  });
  afterAll(() => test.close());

  const rows = (sql: string, ...values: unknown[]) =>
    new CompiledStatement(sql).rows(test.dataSource.manager, values);
  /** A FROM of rows `t`, by id. */
  const from = (...values: [id: number, text: string][]) =>
    `(SELECT * FROM (${values.map(([id, text]) => `SELECT ${id} AS "id", '${text}' AS "text"`).join(' UNION ALL ')}) u ORDER BY "id") t`;
  const object = () =>
    dialect.jsonObject([
      ['text', 't."text"'],
      ['a Name', 't."id"'],
    ]);

  it('makes JSON objects with their members in order', async () => {
    const made = await rows(
      `SELECT ${dialect.jsonLines(object(), 't."id"')} AS "v" FROM ${from([1, '"ä"\\\n😀'])}`,
    );
    expect(made).toEqual([{ v: '{"text":"\\"ä\\"\\\\\\n😀","a Name":1}' }]);
  });

  it('makes JSON lists by id, without blanks, and an empty one of nothing', async () => {
    const list = (condition: string) =>
      rows(
        `SELECT ${dialect.jsonArray(object(), 't."id"')} AS "v" FROM ${from([2, 'b'], [1, 'a'])} WHERE ${condition}`,
      );
    expect(await list('1 = 1')).toEqual([{ v: '[{"text":"a","a Name":1},{"text":"b","a Name":2}]' }]);
    expect(await list('1 = 0')).toEqual([{ v: '[]' }]);
  });

  it('makes lines of JSON by id', async () => {
    const lines = dialect.jsonLines(object(), 't."id"');
    expect(await rows(`SELECT ${lines} AS "v" FROM ${from([2, 'b'], [1, 'a'])}`)).toEqual([
      { v: '{"text":"a","a Name":1}\n{"text":"b","a Name":2}' },
    ]);
  });

  it('puts JSON into JSON', async () => {
    const list = `(SELECT ${dialect.jsonArray(object(), 't."id"')} FROM ${from([1, 'a'])})`;
    const outer = dialect.jsonObject([['list', dialect.jsonValue(list)]]);
    const made = await rows(`SELECT ${dialect.jsonLines(outer, 'o."id"')} AS "v" FROM (SELECT 1 AS "id") o`);
    expect(made).toEqual([{ v: '{"list":[{"text":"a","a Name":1}]}' }]);
  });

  it('makes booleans of boolean columns', async () => {
    await rows(`INSERT INTO notes (text, completed) VALUES ('done', true), ('open', false)`);
    const note = dialect.jsonObject([['done', dialect.jsonBoolean('n."completed"')]]);
    expect(
      await rows(
        `SELECT ${dialect.jsonLines(note, 'n."id"')} AS "v" FROM (SELECT * FROM notes ORDER BY "id") n`,
      ),
    ).toEqual([{ v: '{"done":true}\n{"done":false}' }]);
  });

  it('takes the elements of a JSON list apart, in their order', async () => {
    const list = JSON.stringify([
      ['b', null],
      ['"a"\n', '😀'],
    ]);
    expect(
      await rows(`SELECT e.value->>0 AS "a", e.value->>1 AS "b" FROM ${dialect.jsonElements('$1')} e`, list),
    ).toEqual([
      { a: 'b', b: null },
      { a: '"a"\n', b: '😀' },
    ]);
  });

  it.each([
    ['The BACKUP', 'backup', true],
    ['the backup', 'BACKUP', false],
    ['Ärger', 'ärger', false],
    ['ÄRGER', 'Ärger', true],
    ['ärger', 'Ärger', false],
    ['100%', '0%', true],
    ['100 ', '0%', false],
    ['5x0', '5_0', false],
    ['a\\b', '\\', true],
    ['', 'a', false],
  ])('says whether "%s" contains "%s"', async (text, part, expected) => {
    const found = await rows(`SELECT 1 WHERE ${dialect.contains('$1::text', '$2::text')}`, text, part);
    expect(found.length > 0).toBe(expected);
  });

  it('compares a column that no index is to serve as any other', async () => {
    const names = await rows(
      `SELECT t."text" FROM ${from([1, 'a'], [2, 'b'])} WHERE ${dialect.unindexed('t."text"')} >= $1`,
      'b',
    );
    expect(names).toEqual([{ text: 'b' }]);
  });

  it('tells the last id that a table has given, though its row is gone', async () => {
    const last = async () => Number((await rows(dialect.lastIdOf('notes')))[0]?.last ?? 0);
    const before = await last();
    await rows(`INSERT INTO notes (text, completed) VALUES ('one', true), ('two', false)`);
    await rows('DELETE FROM notes');
    expect(await last()).toBe(before + 2);
    expect(Number((await rows(dialect.lastIdOf('tasks')))[0]?.last ?? 0)).toBe(0);
  });
});

describe("PostgreSQL's dialect", () => {
  let test: TestConnection;
  let dialect: Dialect;
  beforeAll(async () => {
    test = await openConnection('postgres');
    dialect = dialectOf(test.dataSource);
  });
  afterAll(() => test.close());

  it('makes rows of lists', async () => {
    const rows = dialect.rowsOfLists!(['$1::integer[]', '$2::text[]']);
    const made = await new CompiledStatement(`${rows} AS t(n, s)`).rows(test.dataSource.manager, [
      [1, 2],
      ['a', null],
    ]);
    expect(made).toEqual([
      { n: 1, s: 'a' },
      { n: 2, s: null },
    ]);
  });

  it('puts the rows in order itself, as they need not come so', async () => {
    const rows = `(SELECT 2 AS "id" UNION ALL SELECT 3 UNION ALL SELECT 1) t`;
    // In statements of their own, as one sorts for the other.
    const value = (sql: string) =>
      new CompiledStatement(`SELECT ${sql} AS "v" FROM ${rows}`).rows(test.dataSource.manager, []);
    expect(await value(dialect.jsonArray('t."id"', 't."id"'))).toEqual([{ v: '[1,2,3]' }]);
    expect(await value(dialect.jsonLines('t."id"', 't."id"'))).toEqual([{ v: '1\n2\n3' }]);
  });

  it('knows the case of A to Z only, whatever the collation of the text', async () => {
    const text = `$1::text COLLATE "pg_c_utf8"`;
    const sql = `SELECT lower(${text}) AS "lower", ${dialect.contains(text, '$2::text')} AS "found"`;
    const found = (part: string) => new CompiledStatement(sql).rows(test.dataSource.manager, ['ÄRGER', part]);
    expect(await found('ärger')).toEqual([{ lower: 'ärger', found: false }]);
    expect(await found('Ärger')).toEqual([{ lower: 'ärger', found: true }]);
  });

  it('tells who is writing into a table, and nobody else', async () => {
    // A copy of the database, in which the table has the same number.
    const copy = new URL(test.url);
    const name = copy.pathname.slice(1);
    copy.pathname += '_copy';
    await test.dataSource.destroy();
    await administer(`CREATE DATABASE ${name}_copy TEMPLATE ${name}`);
    await test.dataSource.initialize();
    const clients = [test.url, test.url, test.url, copy.href].map(
      (connectionString) => new pg.Client({ connectionString }),
    );
    const [one, two, other, elsewhere] = clients as [pg.Client, pg.Client, pg.Client, pg.Client];
    for (const client of clients) {
      await client.connect();
      await client.query('BEGIN');
    }
    const writers = new CompiledStatement(dialect.writersOf!('logs'));
    const found = () => writers.rows(test.dataSource.manager, []);
    const count = async () => (await found()).length;
    const insert = `INSERT INTO logs (message, timestamp) VALUES ('', '')`;

    await other.query('SELECT * FROM logs');
    await other.query(`INSERT INTO notes (text, completed) VALUES ('', false)`);
    await elsewhere.query(insert);
    expect(await count()).toBe(0);
    await one.query(insert);
    await two.query(insert);
    expect(await count()).toBe(2);
    await two.query(`SET LOCAL application_name = 'daybook'`);
    const processOf = async (client: pg.Client) =>
      (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
    const id = expect.stringMatching(/^\d+\/\d+$/);
    expect(await found()).toEqual(
      expect.arrayContaining([
        { id, process: await processOf(one), own: false },
        { id, process: await processOf(two), own: true },
      ]),
    );
    await one.query('COMMIT');
    await two.query('ROLLBACK');
    expect(await count()).toBe(0);

    for (const client of clients) await client.end();
    await administer(`DROP DATABASE ${name}_copy`);
  });
});
