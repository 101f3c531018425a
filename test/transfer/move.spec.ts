import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { exportedEntities } from '../../src/schema/entities.js';
import { openReader, openWriter } from '../../src/storage/open-for-command.js';
import { exportDatabase } from '../../src/transfer/export-database.js';
import { importFile } from '../../src/transfer/import-file.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { exportedLines, exportOf } from '../support/exports.js';
import { fillDatabase, ROWS } from '../support/full-database.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const writer = await openWriter(databaseConfig(url));
  return writer.query<Record<string, unknown>[]>(sql).finally(() => writer.destroy());
};

const fileOf = async (text: string | Buffer, name = 'made.ndjson'): Promise<string> => {
  const file = join(folder(), name);
  await writeFile(file, text);
  return file;
};
const tasks = (rows: unknown[], lastId = 9) => ({
  tasks: { columns: ['id', 'name', 'done'], lastId, rows },
});

describe.each(engines)('an export of %s', (engine) => {
  let source: TestDatabase;
  let target: TestDatabase | undefined;
  beforeEach(async () => {
    source = await createDatabase(engine);
    await fillDatabase(source.url);
  });
  afterEach(async () => {
    await source.drop();
    await target?.drop();
    target = undefined;
  });

  const exportTo = async (name: string): Promise<string> => {
    const file = join(folder(), name);
    await writeFile(file, `${(await exportedLines(source.url)).join('\n')}\n`);
    return file;
  };

  it('has all tables, those first that others refer to, and all rows but the deleted', async () => {
    const lines = (await exportedLines(source.url)).map((line) => JSON.parse(line));
    const reader = await openReader(databaseConfig(source.url));
    const metadatas = exportedEntities.map((entity) => reader.getMetadata(entity));
    await reader.destroy();
    const tables = lines.filter((line) => 'table' in line);
    expect(tables.map(({ table }) => table).toSorted()).toEqual(
      metadatas.map(({ tableName }) => tableName).toSorted(),
    );
    for (const { tableName, columns, foreignKeys, generatedColumns } of metadatas) {
      const place = tables.findIndex(({ table }) => table === tableName);
      expect(tables[place].columns).toEqual(columns.map(({ databaseName }) => databaseName));
      // Ids that are not given have no last one.
      expect(tables[place].lastId).toBe(generatedColumns.length > 0 ? ROWS : 0);
      for (const { referencedEntityMetadata: other } of foreignKeys) {
        expect(tables.findIndex(({ table }) => table === other.tableName)).toBeLessThan(place);
      }
    }
    expect(lines.at(-1).rows).toEqual(Object.fromEntries(tables.map(({ table }) => [table, ROWS - 1])));
  });

  it.each(engines)('makes the same database on %s, with the same next ids', async (other) => {
    const file = await exportTo('whole.ndjson');
    target = await createDatabase(other);
    const report = await importFile(databaseConfig(target.url), file);
    expect(report.added).toEqual(report.rows);
    expect(await exportedLines(target.url)).toEqual(await exportedLines(source.url));
    for (const { url } of [source, target]) {
      await query(url, `INSERT INTO tasks (name, done) VALUES ('next', true)`);
      expect(await query(url, 'SELECT max(id) AS id FROM tasks')).toEqual([{ id: ROWS + 1 }]);
    }
  });

  it('is of one moment, whoever writes meanwhile', async () => {
    const writer = await openWriter(databaseConfig(source.url));
    const before = await exportedLines(source.url);
    const chunks: string[] = [];
    const out = new Writable({
      highWaterMark: 1,
      // Each piece is taken only when something more was written and something was deleted.
      write(chunk: Buffer, _encoding, taken) {
        chunks.push(chunk.toString());
        writer
          .query(`INSERT INTO notes (text, completed) VALUES ('meanwhile', true)`)
          .then(() => writer.query('DELETE FROM items WHERE id < 4'))
          .then(() => taken(), taken);
      },
    });
    await exportDatabase(databaseConfig(source.url), out);
    await writer.destroy();
    const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('['));
    expect(rows(chunks.join(''))).toEqual(rows(before.join('\n')));
    expect(rows((await exportedLines(source.url)).join('\n'))).not.toEqual(rows(before.join('\n')));
  });

  it('takes rows that together are larger than what is held at once', async () => {
    const writer = await openWriter(databaseConfig(source.url));
    const long = 'x'.repeat(400_000);
    for (let row = 0; row < 12; row += 1) {
      await writer.query(`INSERT INTO notes (text, completed) VALUES ('${row}${long}', false)`);
    }
    await writer.destroy();
    const file = await exportTo('large.ndjson');
    target = await createDatabase(engine);
    await importFile(databaseConfig(target.url), file);
    expect(await exportedLines(target.url)).toEqual(await exportedLines(source.url));
  });
});

describe.each(engines)('an import into %s', (engine) => {
  let target: TestDatabase;
  const config = () => databaseConfig(target.url);
  beforeEach(async () => {
    target = await createDatabase(engine);
  });
  afterEach(() => target.drop());

  it('is refused by a database that has rows', async () => {
    const file = await fileOf(exportOf(tasks([[1, 'a', true]])));
    await importFile(config(), file);
    const before = await exportedLines(target.url);
    await expect(importFile(config(), file)).rejects.toThrow(/is not empty: it has tasks\. .*--merge/);
    expect(await exportedLines(target.url)).toEqual(before);
  });

  it('merges: adds what is new, leaves what is equal', async () => {
    await importFile(
      config(),
      await fileOf(
        exportOf(
          tasks(
            [
              [1, 'a', true],
              [2, 'b', false],
            ],
            4,
          ),
        ),
      ),
    );
    const file = await fileOf(
      exportOf(
        tasks(
          [
            [2, 'b', false],
            [3, 'c', true],
          ],
          3,
        ),
      ),
    );
    expect((await importFile(config(), file, { merge: true })).added).toEqual({ tasks: 1 });
    expect((await importFile(config(), file, { merge: true })).added).toEqual({ tasks: 0 });
    await query(target.url, `INSERT INTO tasks (name, done) VALUES ('next', true)`);
    expect(await query(target.url, 'SELECT id, name FROM tasks ORDER BY id')).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
      { id: 3, name: 'c' },
      { id: 5, name: 'next' },
    ]);
  });

  it('merges rows with NULL and with references, of which some are there', async () => {
    const users = (...ids: number[]) => ({
      columns: ['id', 'email', 'email_key', 'password_hash', 'is_active'],
      lastId: 9,
      rows: ids.map((id) => [id, `${id}@example.com`, `${id}@example.com`, '-', true]),
    });
    const items = (...rows: unknown[]) => ({
      columns: ['id', 'title', 'description', 'owner_id'],
      lastId: 9,
      rows,
    });
    const merge = async (of: Record<string, unknown>) =>
      importFile(config(), await fileOf(exportOf(of)), { merge: true });
    await merge({ users: users(1), items: items([1, 'a', null, 1], [2, 'b', 'c', 1]) });
    const more = {
      users: users(1, 2),
      items: items([1, 'a', null, 1], [3, 'd', null, 1], [4, 'e', null, 2]),
    };
    expect((await merge(more)).added).toEqual({ users: 1, items: 2 });
    expect((await merge(more)).added).toEqual({ users: 0, items: 0 });
    const before = await exportedLines(target.url);
    const differing = items([1, 'a', '', 1], [2, 'b', null, 1], [3, 'd', null, 1], [5, 'new', null, 1]);
    await expect(merge({ items: differing })).rejects.toThrow('2 rows of the file differ');
    await expect(merge({ items: items([5, 'lost', null, 7]) })).rejects.toThrow(
      'refers to a row that is not there',
    );
    expect(await exportedLines(target.url)).toEqual(before);
  });

  it('merges nothing where rows differ, and names them', async () => {
    await importFile(
      config(),
      await fileOf(
        exportOf(
          tasks([
            [1, 'a', true],
            [2, 'b', false],
          ]),
        ),
      ),
    );
    const before = await exportedLines(target.url);
    const rows = [
      [1, 'a', false],
      [2, 'B', false],
      [3, 'c', true],
    ];
    await expect(importFile(config(), await fileOf(exportOf(tasks(rows))), { merge: true })).rejects.toThrow(
      'Nothing was imported, as 2 rows of the file differ from those in the database with the same id: ' +
        'tasks 1, tasks 2.',
    );
    expect(await exportedLines(target.url)).toEqual(before);
  });

  it('takes a file of an older schema where the missing columns have defaults, and no other', async () => {
    const users = {
      columns: ['id', 'email', 'email_key', 'password_hash', 'is_active'],
      lastId: 1,
      rows: [[1, 'a', 'a', '-', true]],
    };
    const items = { columns: ['id', 'title', 'owner_id'], lastId: 1, rows: [[1, 'x', 1]] };
    await importFile(config(), await fileOf(exportOf({ users, items })));
    expect(await query(target.url, 'SELECT * FROM items')).toEqual([
      { id: 1, title: 'x', description: null, owner_id: 1 },
    ]);
    const without = { items: { columns: ['id', 'title'], rows: [] } };
    await expect(importFile(config(), await fileOf(exportOf(without)), { merge: true })).rejects.toThrow(
      'line 2 has no column items.owner_id, which has no default.',
    );
  });

  it.each<[string, string, RegExp]>([
    [
      'one id twice',
      exportOf(
        tasks([
          [1, 'a', true],
          [1, 'b', true],
        ]),
      ),
      /one of the tasks in the lines 3 to 4 of .* has a value that must be unique/,
    ],
    [
      'a reference to nothing',
      exportOf({ items: { columns: ['id', 'title', 'description', 'owner_id'], rows: [[1, 'x', null, 7]] } }),
      /one of the items in the lines 3 to 3 of .* refers to a row that is not there\.$/,
    ],
  ])('refuses %s, and leaves the database as it was', async (_, text, sentence) => {
    await importFile(config(), await fileOf(exportOf(tasks([[5, 'kept', true]])), 'kept.ndjson'));
    const before = await exportedLines(target.url);
    await expect(importFile(config(), await fileOf(text), { merge: true })).rejects.toThrow(sentence);
    expect(await exportedLines(target.url)).toEqual(before);
  });

  it('ends where it is told to, and leaves the database as it was', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [index + 1, 'x'.repeat(100), true]);
    const file = await fileOf(exportOf(tasks(rows)));
    const abort = new AbortController();
    const onProgress = (done: number, all: number) => {
      // The file is checked in the first half, and taken in the second.
      if (done > all * 0.7) abort.abort();
    };
    await expect(importFile(config(), file, { onProgress, signal: abort.signal })).rejects.toThrow(/abort/);
    expect(await query(target.url, 'SELECT count(*) AS n FROM tasks')).toEqual([{ n: 0 }]);
  });
});

describe('a file that is no whole export', () => {
  const good = exportOf(
    tasks([
      [1, 'a', true],
      [2, 'b', false],
    ]),
  );
  const lines = good.split('\n');
  const columns = ['id', 'name', 'done'];
  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /ends after line 0, and is not whole\.$/],
    ['another file', 'Dear diary\n', /is no export of Daybook\.$/],
    ['other JSON', '{"lists":[]}\n', /is no export of Daybook\.$/],
    ['a row first', '[1]\n', /is no export of Daybook\.$/],
    ['UTF-16', Buffer.from(good, 'utf16le'), /is no export of Daybook\.$/],
    ['a byte order mark', `\ufeff${good}`, /is no export of Daybook\.$/],
    ['Latin-1 halfway', Buffer.from(good.replace('"b"', '"\u00fc"'), 'latin1'), /line 4 is not UTF-8\.$/],
    ['a row without a comma', good.replace('[2,', '[2'), /line 4 is not JSON\.$/],
    ['no JSON halfway', good.replace('[2,"b"', '[2,"b'), /line 4 is not JSON\.$/],
    ['a truncated file', lines.slice(0, 4).join('\n'), /ends after line 4, and is not whole\.$/],
    ['a truncated row', good.slice(0, good.indexOf('false') + 2), /line 4 is not JSON\.$/],
    ['an altered row', good.replace('"b"', '"c"'), /was altered or damaged: .* checksum in its last line\.$/],
    ['a lost row', [...lines.slice(0, 3), ...lines.slice(4)].join('\n'), /was altered or damaged/],
    ['something behind the end', `${good}{}\n`, /line 6 goes on after its end\.$/],
    ['CRLF', good.replaceAll('\n', '\r\n'), /was altered or damaged/],
    [
      'a newer schema',
      exportOf({}, { migration: 'FromTheFuture9', version: '9.1.0' }),
      /is of Daybook 9\.1\.0, which is newer than this one .*: import it with that version\.$/,
    ],
    ['a newer format', exportOf({}, { formatVersion: 2 }), /which is newer than this one \(format 2/],
    [
      'an unknown table',
      exportOf({ cats: { columns: ['id'], rows: [] } }),
      /line 2 is of a table that this Daybook does not have: cats\.$/,
    ],
    [
      'an unknown column',
      exportOf({ tasks: { columns: [...columns, 'size'], rows: [] } }),
      /does not have: tasks\.size\.$/,
    ],
    [
      'a column twice',
      exportOf({ tasks: { columns: [...columns, 'id'], rows: [] } }),
      /names a column twice\.$/,
    ],
    [
      'a table without columns',
      exportOf({ tasks: { columns: null, rows: [] } }),
      /line 2 does not begin a table\.$/,
    ],
    ['a negative last id', exportOf(tasks([], -1)), /line 2 does not begin a table\.$/],
    ['a huge last id', exportOf(tasks([], 2 ** 53)), /line 2 does not begin a table\.$/],
    [
      'a table whose name is none',
      exportOf({}).replace('\n', '\n{"table":{"toString":1},"columns":[],"lastId":0}\n'),
      /line 2 does not begin a table\.$/,
    ],
    [
      'a table with a very long name',
      exportOf({ ['x'.repeat(1_000)]: { columns: [], rows: [] } }),
      /line 2 does not begin a table\.$/,
    ],
    [
      'a column whose name is none',
      exportOf({ tasks: { columns: [{ toString: 1 }], rows: [] } }),
      /line 2 does not begin a table\.$/,
    ],
    [
      'a version that is none',
      exportOf({}, { version: { toString: 1 } as unknown as string, migration: 'X' }),
      /is no export of Daybook\.$/,
    ],
    [
      'a migration that is none',
      exportOf({}, { migration: { toString: 1 } as unknown as string }),
      /is no export of Daybook\.$/,
    ],
    [
      'a very long format',
      exportOf({}, { formatVersion: 'x'.repeat(1_000) as unknown as number }),
      /is no export of Daybook\.$/,
    ],
    ['a short row', exportOf(tasks([[1, 'a']])), /line 3 is no row of tasks: it has 2 values and not 3\.$/],
    [
      'a text for a number',
      exportOf(tasks([['1; --', 'a', true]])),
      /line 3 .*: id is not what it must be\.$/,
    ],
    ['an object for a text', exportOf(tasks([[1, {}, true]])), /line 3 .*: name is not/],
    ['a huge id', exportOf(tasks([[2 ** 53, 'a', true]])), /line 3 .*: id is not/],
    ['a number for a boolean', exportOf(tasks([[1, 'a', 1]])), /line 3 .*: done is not/],
    ['nothing where there must be something', exportOf(tasks([[1, null, true]])), /line 3 .*: name is not/],
    ['NUL', exportOf(tasks([[1, 'a\0b', true]])), /line 3 .*: name is not/],
    ['half a character', exportOf(tasks([[1, '\ud83e', true]])), /line 3 .*: name is not/],
  ])('is refused, and no database is made: %s', async (_, text, sentence) => {
    const target = databaseConfig(`sqlite:${join(folder(), 'none.sqlite')}`);
    await expect(importFile(target, await fileOf(text))).rejects.toThrow(sentence);
    await expect(openReader(target)).rejects.toThrow('There is no file');
  });

  it('may be packed by gzip, and is refused where it is not whole or not packed', async () => {
    const target = await createDatabase('sqlite');
    const config = () => databaseConfig(target.url);
    await expect(importFile(config(), await fileOf(good, 'none.ndjson.gz'))).rejects.toThrow(
      'none.ndjson.gz is no whole gzip file.',
    );
    const half = gzipSync(good).subarray(0, 60);
    await expect(importFile(config(), await fileOf(half, 'half.ndjson.gz'))).rejects.toThrow(
      'half.ndjson.gz is no whole gzip file.',
    );
    expect((await importFile(config(), await fileOf(gzipSync(good), 'good.ndjson.gz'))).added).toEqual({
      tasks: 2,
    });
    await target.drop();
  });

  it('is refused before a line of 100 MB is held', async () => {
    const file = join(folder(), 'long.ndjson');
    await writeFile(file, `${exportOf({}).split('\n')[0]}\n${'x'.repeat(100_000_000)}\n`);
    const target = await createDatabase('sqlite');
    await expect(importFile(databaseConfig(target.url), file)).rejects.toThrow(
      'long.ndjson: line 2 is longer than 67108864 bytes.',
    );
    // Not even made.
    await expect(openReader(databaseConfig(target.url))).rejects.toThrow('There is no file');
    await target.drop();
  });
});
