import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { openWriter } from '../../src/storage/open-for-command.js';
import { exportDatabase, type LeftOutRow } from '../../src/transfer/export-database.js';
import { importFile } from '../../src/transfer/import-file.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { fillDatabase, ROWS } from '../support/full-database.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();

describe.each(engines)('an export of %s with rows that cannot be read', (engine) => {
  let source: TestDatabase;
  let target: TestDatabase;
  beforeEach(async () => {
    source = await createDatabase(engine);
    target = await createDatabase(engine);
    await fillDatabase(source.url);
  });
  afterEach(async () => {
    await source.drop();
    await target.drop();
  });

  const execute = async (...statements: string[]) => {
    const writer = await openWriter(databaseConfig(source.url));
    for (const sql of statements) await writer.query(sql);
    await writer.destroy();
  };
  /** Exports, and imports the file. */
  const move = async () => {
    const leftOut: LeftOutRow[] = [];
    const out = new PassThrough();
    const [file, rows] = await Promise.all([
      text(out),
      exportDatabase(databaseConfig(source.url), out, { onLeftOut: (row) => leftOut.push(row) }),
    ]);
    const path = join(folder(), 'export.ndjson');
    await writeFile(path, file);
    const { added } = await importFile(databaseConfig(target.url), path);
    expect(added).toEqual(rows);
    return { leftOut, rows };
  };

  it('leaves out one that is too large, and those that refer to it, and says so', async () => {
    const quotes =
      engine === 'sqlite' ? `replace(hex(zeroblob(17000000)), '0', '"')` : `repeat('"', 34000000)`;
    await execute(`UPDATE users SET password_hash = ${quotes} WHERE id = 2`);
    const { leftOut, rows } = await move();
    expect(leftOut).toEqual([
      { table: 'users', key: '2', problem: 'it is larger than 67108864 bytes as JSON' },
      { table: 'items', key: '2', problem: 'owner_id refers to a row of users that is left out' },
    ]);
    expect(rows).toMatchObject({ users: ROWS - 2, items: ROWS - 2, notes: ROWS - 1 });
  });

  // PostgreSQL keeps no such values.
  it.each(engine === 'sqlite' ? ['bytes, NUL and long times'] : [])('leaves out %s', async () => {
    await execute(
      `UPDATE tasks SET name = 'a' || char(0) || 'b' WHERE id = 1`,
      `UPDATE task_lists SET title = x'ff00' WHERE id = 3`,
      `UPDATE logs SET timestamp = 'the day before yesterday' || ' ' WHERE id = 4`,
      `UPDATE notes SET text = x'00' WHERE id = 5`,
    );
    const { leftOut } = await move();
    expect(leftOut.map(({ table, key, problem }) => `${table} ${key}: ${problem}`).toSorted()).toEqual([
      'logs 4: timestamp is not what it must be',
      'notes 5: text is not what it must be',
      'task_details 1: task_id refers to a row of tasks that is left out',
      'task_details 3: list_id refers to a row of task_lists that is left out',
      'task_lists 3: title is not what it must be',
      'task_steps 1: task_id refers to a row of tasks that is left out',
      'tasks 1: name is not what it must be',
    ]);
  });
});
