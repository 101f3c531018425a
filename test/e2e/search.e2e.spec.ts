import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { load } from 'cheerio';
import fc from 'fast-check';
import { inject } from 'vitest';
import { Snapshots } from '../../src/snapshot/snapshots.js';
import { startApp, type TestApp } from '../support/app.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';

interface Result {
  name: string;
  kind: string;
  signature: string | null;
  snippet: string;
  url: string;
  score: number;
}

interface Results {
  total: number;
  results: Result[];
}

describe('the search', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp('sqlite');
  });
  afterAll(() => test.close());

  const ask = (query: Record<string, string>) => test.app.inject({ method: 'GET', url: '/search', query });
  const search = async (q: string, more: Record<string, string> = {}) => {
    const answer = await ask({ q, ...more });
    expect(answer.statusCode).toBe(200);
    return answer.json<Results>();
  };
  const names = async (q: string, more?: Record<string, string>) =>
    (await search(q, more)).results.map(({ name }) => name);

  it('answers an entry with all that a list shows', async () => {
    const answer = await ask({ q: 'os.path.join' });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json<Results>().results[0]).toEqual({
      name: 'os.path.join',
      kind: 'function',
      signature: 'os.path.join(path, *paths)',
      summary: 'Joins parts of a path.',
      page_title: 'os.path — Paths',
      snippet: '<mark>Joins</mark> parts of a <mark>path</mark>.',
      url: 'https://docs.example/library/os.path.html#os.path.join',
      score: expect.any(Number),
    });
  });

  it('puts the entry that is wanted first, nine times of ten, and among the first five nearly always', async () => {
    const file = new URL('../fixtures/relevance-queries.json', import.meta.url);
    const queries = JSON.parse(await readFile(file, 'utf8')) as [string, string][];
    expect(queries.length).toBeGreaterThanOrEqual(60);
    const found = await Promise.all(queries.map(async ([q, wanted]) => (await names(q)).indexOf(wanted)));
    const missed = queries.filter((_, index) => found[index] !== 0).map(([q]) => q);
    expect(missed.length / queries.length, `not first: ${missed.join(', ')}`).toBeLessThanOrEqual(0.1);
    const far = queries.filter((_, index) => !(found[index]! >= 0 && found[index]! < 5)).map(([q]) => q);
    expect(far.length / queries.length, `not in the first five: ${far.join(', ')}`).toBeLessThanOrEqual(0.02);
  });

  it.each(['os.path.join', 'json.dumps', 'asyncio.gather', 'list comprehension', 'f-string', 'defaultdict'])(
    'keeps the answer while %s is typed, once it is there',
    async (wanted) => {
      const found = [];
      for (let length = 1; length <= wanted.length; length += 1) {
        const list = await names(wanted.slice(0, length), { limit: '100' });
        found.push(list.some((name) => name.endsWith(wanted)));
      }
      expect(found.lastIndexOf(false)).toBeLessThan(found.indexOf(true));
      expect(found.at(-1)).toBe(true);
    },
  );

  it('orders by score, and gives parts of the whole', async () => {
    const { total, results } = await search('path', { limit: '100' });
    expect(results).toHaveLength(total);
    expect(results.map(({ score }) => score)).toEqual(
      results.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    const part = await search('path', { limit: '2', offset: '1' });
    expect(part).toEqual({ total, results: results.slice(1, 3) });
    expect((await search('path', { offset: '1000' })).results).toEqual([]);
  });

  it('searches in one kind', async () => {
    const { results } = await search('json', { kind: 'function' });
    expect(results.length).toBeGreaterThan(2);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['function']));
    expect(await search('json', { kind: 'Function' })).toEqual(await search('json', { kind: 'function' }));
    expect((await search('loads', { kind: 'FUNCTION' })).results[0]?.name).toBe('json.loads');
    const entry = await test.app.inject('/search/json.loads?kind=FUNCTION');
    expect(entry.json<Result>().kind).toBe('function');
    // Which kinds there are is up to the documentation: one that it has not is as a word that it has not.
    expect(await search('json', { kind: 'no such kind' })).toEqual({ total: 0, results: [] });
  });

  it('shows an entry once, though its page and its module are the same place', async () => {
    const { results } = await search('os.path', { limit: '100' });
    const urls = results.map(({ url }) => url);
    expect(urls).toEqual([...new Set(urls)]);
    expect(urls).toContain('https://docs.example/library/os.path.html#module-os.path');
  });

  it('marks the words in a snippet that is safe to show', async () => {
    const [{ snippet }] = (await search("don't forget")).results as [Result];
    expect(snippet).toContain('<mark>don</mark>&#39;<mark>t</mark> <mark>forget</mark>');
    expect(load(snippet)('body *').not('mark').length).toBe(0);
  });

  it.each(['', ' ', '\n', '"', '*', '(', ')', "'", '""', '-', ':', '^', '+', '...', '😀', '\u0301', '%'])(
    'answers %j',
    async (q) => {
      expect(await search(q)).toEqual({ total: expect.any(Number), results: expect.any(Array) });
    },
  );

  it.each([
    'os.path',
    "don't",
    'AND',
    'OR',
    'NOT',
    'NEAR',
    'a AND',
    'NEAR(a b)',
    'name:len',
    '{name}: len',
    '^len',
    'len*',
    'len"',
    '"len',
    '-len',
    'len)',
    "'; DROP TABLE entries; --",
    'x'.repeat(200),
    '😀'.repeat(200),
    '. '.repeat(100),
    'a b c d e f g h i j k l m n o p',
    'é',
    'ﬁle',
    'ＬＥＮ',
    '\ud800',
  ])('takes %j for words and not for syntax', async (q) => {
    expect([200, 422]).toContain((await ask({ q })).statusCode);
  });

  it('takes any text', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    await fc.assert(
      fc.asyncProperty(text, text, async (q, kind) => {
        expect([200, 422]).toContain((await ask({ q, kind })).statusCode);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a text that no person types, and parts that are none', async () => {
    expect(faultyPlaces(await ask({ q: 'x'.repeat(201) }))).toEqual(['query.q']);
    expect(faultyPlaces(await ask({ q: 'x'.repeat(10_000) }))).toEqual(['query.q']);
    expect(faultyPlaces(await ask({ limit: '0', offset: '-1' }))).toEqual(['query.limit', 'query.offset']);
    expect(faultyPlaces(await ask({ limit: '101', kind: 'x'.repeat(41) }))).toEqual([
      'query.kind',
      'query.limit',
    ]);
  });

  it('gives an entry whole, with nothing in it that a browser would run', async () => {
    const answer = await test.app.inject('/search/open');
    expect(answer.json()).toEqual({
      name: 'open',
      kind: 'function',
      signature: 'open(file, mode)',
      summary: 'Opens a file, to read it or to write it.',
      page_title: 'Functions of the language',
      url: 'https://docs.example/library/functions.html#open',
      html: '<p>Opens a file, to read it or to write it.</p><p>See <a>this</a>.</p>',
      text: 'Opens a file, to read it or to write it. See this.',
    });
  });

  it.each([
    ['os.path', 'module'],
    ['OS.PATH', 'module'],
    ['list%20comprehension', 'term'],
    ['f-string', 'term'],
    ['with', 'statement'],
    ['json.--sort-keys', 'option'],
    ['Temporary%20files', 'section'],
  ])('finds the entry %s', async (symbol, kind) => {
    expect((await test.app.inject(`/search/${symbol}`)).json()).toMatchObject({ kind });
    expect((await test.app.inject(`/search/${symbol}?kind=${kind}`)).statusCode).toBe(200);
    expect((await test.app.inject(`/search/${symbol}?kind=opcode`)).statusCode).toBe(404);
  });

  it.each(['path', 'no.such', '%20', '__proto__', 'a%2Fb', "'"])('has no entry %s', async (symbol) => {
    const answer = await test.app.inject(`/search/${symbol}`);
    expect(answer.statusCode).toBe(404);
    expect(problemIn(answer).type).toBe('urn:daybook:problem:symbol-not-found');
  });

  it('reads what is described, and not less where the inventory knows more', async () => {
    const text = async (symbol: string) =>
      (await test.app.inject(`/search/${symbol}`)).json<{ text: string }>().text;
    // Of definitions in a row the last has the text.
    expect(await text('list.copy')).toBe('Another list of the same things.');
    // A class without its methods, a section without its sections.
    expect(await text('dict')).toBe('Values under keys.');
    expect(await text('with')).toBe('Begins something that ends by itself, such as an open file.');
    // Where a section has nothing of its own, what is in it.
    expect(await text('Statements')).toBe('The with statement The for statement Small functions');
    // A page that is not there.
    expect(await text('gone')).toBe('');
  });

  it('reads the snapshot through repositories that cannot write', async () => {
    const { manager } = test.app.get(Snapshots);
    await expect(manager.query('DELETE FROM entries')).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
    const drift = await manager.dataSource.driver.createSchemaBuilder().log();
    // The tables for searching are no entities; TypeORM must not miss or change anything of those that are.
    expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
  });
});

describe('without a snapshot', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-search-'));
    file = join(folder, 'docs.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const copy = () => copyFile(inject('searchFile'), file);
  const change = async (sql: string) => {
    await copy();
    const database = new Database(file);
    database.unsafeMode();
    database.exec(sql);
    database.close();
  };

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'missing',
      async () => undefined,
      /^Search is off\. There is no file .*\. Build it with "npm run docs:build/,
    ],
    ['empty', () => writeFile(file, ''), /is empty\./],
    ['a folder', () => mkdir(file), /is not a file\./],
    ['a text', () => writeFile(file, 'Dear diary. '.repeat(1_000)), /is no SQLite database\./],
    ['another database', () => change('PRAGMA application_id = 0'), /no snapshot of documentation\./],
    [
      'of a newer Daybook',
      () => change('PRAGMA user_version = 99'),
      /of format 99, and this Daybook reads 3\./,
    ],
    ['without a table', () => change('DROP TABLE keys'), /has no table keys, as a snapshot has\./],
    ['cut off', async () => copy().then(() => truncate(file, 40_000)), /is damaged\./],
    ['overwritten', async () => copy().then(() => overwrite()), /is damaged\./],
    ['damaged where only a check sees it', async () => copy().then(() => scratch()), /is damaged\./],
  ])('is off when the file is %s, says so once, and the rest goes on', async (_what, prepare, sentence) => {
    await prepare();
    const lines: string[] = [];
    const snapshots = new Snapshots(file);
    Object.assign(snapshots, { logger: { warn: (line: string) => lines.push(line) } });
    const test = await startApp('sqlite', {
      settings: { SEARCH_FILE: file },
      override: (builder) => builder.overrideProvider(Snapshots).useValue(snapshots),
    });
    for (const url of ['/search?q=len', '/search/len']) {
      const answer = await test.app.inject(url);
      expect(answer.statusCode).toBe(503);
      expect(problemIn(answer).type).toBe('urn:daybook:problem:search-off');
    }
    expect((await test.app.inject('/tasks')).statusCode).toBe(200);
    expect((await test.app.inject('/health/ready')).statusCode).toBe(200);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(sentence);
    await test.close();
  });

  const overwrite = async () => {
    const bytes = await readFile(file);
    // All pages but the first, which has the schema.
    await writeFile(file, bytes.fill(0xff, 4_096));
  };
  const scratch = async () => {
    const bytes = await readFile(file);
    // The number of lost bytes in the head of each leaf of a table (sqlite.org/fileformat2.html, 1.6).
    for (let page = 4_096; page < bytes.length; page += 4_096)
      if (bytes[page] === 0x0d) bytes[page + 7]! ^= 5;
    await writeFile(file, bytes);
  };
});
