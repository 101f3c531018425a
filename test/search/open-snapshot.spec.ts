import { fork } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { inject } from 'vitest';
import { buildDocs } from '../../src/docs-builder/build-docs.js';
import { rankTraits } from '../../src/search/rank-traits.js';
import { openSnapshot } from '../../src/snapshot/open-snapshot.js';
import { Snapshots } from '../../src/snapshot/snapshots.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-snapshot-'));
  file = join(folder, 'docs.sqlite');
  await copyFile(inject('searchFile'), file);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const change = (sql: string, path = file) => {
  const database = new Database(path);
  database.unsafeMode();
  database.exec(sql);
  database.close();
};

/** Makes a file one that is verified in another thread. */
const LARGE = 'CREATE TABLE padding AS SELECT zeroblob(3000000)';

/** Snapshots that keep what they tell. */
const listen = () => {
  const snapshots = new Snapshots(file);
  const lines: string[] = [];
  Object.assign(snapshots, {
    logger: { warn: (line: string) => lines.push(line), log: () => undefined },
  });
  return { snapshots, lines };
};

describe('a new snapshot', () => {
  // The shadow tables alone, in the place of a full-text index.
  const PLAIN_WORDS = `
    DROP TABLE words;
    CREATE TABLE words (name, title, body, kind);
    INSERT INTO words VALUES ('len', '', '', '')`;

  it.each([
    ['has a column of another name', 'ALTER TABLE entries RENAME COLUMN name TO title', /entries/],
    ['has a column less', 'ALTER TABLE entries DROP COLUMN importance', /entries/],
    ['has no table keys', 'DROP TABLE keys', /keys/],
    ['has words in a plain table', PLAIN_WORDS, /words/],
    [
      'has another tokenizer',
      "DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5 (name, title, body, kind, content = '')",
      /words/,
    ],
    ['has no entry', 'DELETE FROM entries', /has no entry/],
    [
      'has damaged words',
      'UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 100',
      /is damaged/,
    ],
    [
      'is large and has damaged words',
      `${LARGE}; UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 100`,
      /is damaged/,
    ],
    ['lacks a part of its words', 'DELETE FROM words_data WHERE id > 100', /is damaged/],
  ])('that %s leaves the old one in service, and is told in one line', async (_what, sql, sentence) => {
    const { snapshots, lines } = listen();
    await snapshots.load();
    const before = snapshots.manager;
    change(sql);
    await snapshots.load();
    expect(snapshots.manager).toBe(before);
    expect(await before.query('SELECT count(*) AS n FROM entries')).not.toEqual([{ n: 0 }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^Search goes on with the old snapshot\. [^\n]+\.$/);
    expect(lines[0]).toMatch(sentence);
    await snapshots.close();
  });

  it('that cannot be prepared leaves the old one in service, and is closed', async () => {
    const { snapshots, lines } = listen();
    await snapshots.load();
    const before = snapshots.manager;
    let refused = before;
    const end = snapshots.beforeSwap(async (manager) => {
      refused = manager;
      throw new Error('It cannot be ranked.');
    });
    await snapshots.load();
    expect(snapshots.manager).toBe(before);
    expect(lines).toEqual([expect.stringContaining('It cannot be ranked.')]);
    expect(refused.dataSource.isInitialized).toBe(false);
    end();
    await snapshots.load();
    expect(snapshots.manager).not.toBe(before);
    await snapshots.close();
  });

  it('has nothing in memory that does not belong to it', async () => {
    change(`
      CREATE TABLE more (x);
      CREATE VIEW looks AS SELECT * FROM entries;
      CREATE INDEX slow ON entries (summary);
      CREATE TRIGGER harm AFTER INSERT ON entries BEGIN DELETE FROM keys; END;
      CREATE VIRTUAL TABLE other USING fts5 (x)`);
    const dataSource = await openSnapshot(file);
    const names = await dataSource.query<{ name: string }[]>('SELECT name FROM sqlite_schema ORDER BY name');
    expect(names.map(({ name }) => name)).toEqual([
      'descriptions',
      'entries',
      'keys',
      'words',
      'words_config',
      'words_data',
      'words_docsize',
      'words_idx',
    ]);
    expect(await dataSource.query('SELECT count(*) > 10 AS many FROM keys')).toEqual([{ many: 1 }]);
    await dataSource.destroy();
  });

  it('is copied and ranked whole, however many rows it has', async () => {
    // More than are copied, or read, in several turns.
    const sections = Array.from({ length: 2_100 }, (_, n) => `## Section ${n}\n\nText ${n}.\n`);
    await writeFile(join(folder, 'page.md'), sections.join('\n'));
    await buildDocs({ sources: [join(folder, 'page.md')], out: file, baseUrl: '' });
    const disk = new Database(file, { readonly: true });
    const dataSource = await openSnapshot(file);
    for (const table of ['entries', 'descriptions', 'keys', 'words_data', 'words_idx', 'words_docsize']) {
      const sql = `SELECT * FROM ${table}`;
      expect(await dataSource.query(sql), table).toEqual(disk.prepare(sql).all());
    }
    const names = disk.prepare('SELECT name FROM entries ORDER BY id').pluck().all();
    expect(names).toHaveLength(2_100);
    expect((await rankTraits(dataSource.manager)).names.slice(1)).toEqual(names);
    disk.close();
    await dataSource.destroy();
  });

  it('waits for a file that another process has locked for a moment', async () => {
    const script = join(import.meta.dirname, '../support/lock-file.mjs');
    const holder = fork(script, [file]);
    await once(holder, 'message');
    const opened = openSnapshot(file);
    let early = false;
    void opened.then(() => (early = true));
    // Time enough to fail, or to open what is locked.
    await delay(200);
    expect(early).toBe(false);
    holder.send('end');
    await once(holder, 'exit');
    await (await opened).destroy();
  });

  it('is refused when the file is replaced before it is verified', async () => {
    const other = join(folder, 'other.sqlite');
    change(LARGE);
    await copyFile(file, other);
    change('UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 100');
    const pragma = Database.prototype.pragma;
    const spy = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function replace(
      this: Database.Database,
      source,
      options,
    ) {
      // The damaged one is attached by now, and the check would be of the other.
      if (source === 'disk.schema_version') renameSync(other, file);
      return pragma.call(this, source, options);
    });
    await expect(openSnapshot(file)).rejects.toThrow(/was replaced while it was read\.$/);
    spy.mockRestore();
  });

  it('does not hold the event loop while a large file is verified', async () => {
    change(LARGE);
    const turns: number[] = [];
    const timer = setInterval(() => turns.push(1), 1);
    const opened = await openSnapshot(file);
    clearInterval(timer);
    expect(turns.length).toBeGreaterThan(5);
    await opened.destroy();
  });
});

describe('the rank traits', () => {
  it('are read again after they could not be read', async () => {
    const dataSource = await openSnapshot(file);
    const query = vi.spyOn(dataSource.manager, 'query').mockRejectedValueOnce(new Error('Not now.'));
    await expect(rankTraits(dataSource.manager)).rejects.toThrow('Not now.');
    const { names } = await rankTraits(dataSource.manager);
    expect(names).toContain('len');
    const reads = query.mock.calls.length;
    await rankTraits(dataSource.manager);
    expect(query.mock.calls.length).toBe(reads);
    await dataSource.destroy();
  });
});

describe('what is read of the file', () => {
  it('leaves it as it is', async () => {
    const before = await readFile(file);
    await (await openSnapshot(file)).destroy();
    expect((await readFile(file)).equals(before)).toBe(true);
  });
});
