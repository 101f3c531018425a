import type { Database } from 'better-sqlite3';
import { vi } from 'vitest';
import { CompiledStatement } from './compiled-statement.js';
import { SessionDataSource } from '../session-data-source.js';

describe('CompiledStatement on SQLite', () => {
  let dataSource: SessionDataSource;
  let database: Database;
  beforeEach(async () => {
    dataSource = await new SessionDataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
    ({ databaseConnection: database } = dataSource.driver as unknown as { databaseConnection: Database });
    database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)');
  });
  afterEach(() => dataSource.destroy());

  it('gives each place its value', async () => {
    const statement = new CompiledStatement(`SELECT $2 AS a, $1::bigint AS b, $2::text || '$1' AS c`);
    expect(await statement.rows(dataSource.manager, [1, 'x'])).toEqual([{ a: 'x', b: 1, c: 'x$1' }]);
    expect(await statement.rows(dataSource.manager, [2, 'y'])).toEqual([{ a: 'y', b: 2, c: 'y$1' }]);
  });

  it('runs once for each list of values, and answers all rows together', async () => {
    const insert = new CompiledStatement('INSERT INTO things (name) VALUES ($1)');
    const written = await insert.rowsOfEach(dataSource.manager, [['x'], ['y']], (rows) => rows);
    expect(written).toEqual([
      { changes: 1, lastInsertRowid: 1 },
      { changes: 1, lastInsertRowid: 2 },
    ]);
    const select = new CompiledStatement('SELECT name FROM things WHERE id >= $1 ORDER BY id');
    const names = await select.rowsOfEach(dataSource.manager, [[2], [1]], (rows) =>
      rows.map(({ name }) => name),
    );
    expect(names).toEqual(['y', 'x', 'y']);
  });

  it('answers what was returned where a write returns something', async () => {
    const insert = new CompiledStatement('INSERT INTO things (name) VALUES ($1) RETURNING id, $1 AS given');
    expect(await insert.rowsOfEach(dataSource.manager, [['x'], ['y']], (rows) => rows)).toEqual([
      { id: 1, given: 'x' },
      { id: 2, given: 'y' },
    ]);
  });

  it('is prepared once on each connection', async () => {
    const prepare = vi.spyOn(database, 'prepare');
    const other = await new SessionDataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
    const statement = new CompiledStatement('SELECT $1 AS a');
    for (const n of [1, 2, 3]) await statement.rows(dataSource.manager, [n]);
    expect(prepare.mock.calls).toEqual([['SELECT ? AS a']]);
    expect(await statement.rows(other.manager, [4])).toEqual([{ a: 4 }]);
    await other.destroy();
  });

  it('rejects with what the database says, and never throws', async () => {
    const run = new CompiledStatement('SELECT $1 FROM elsewhere').rows(dataSource.manager, [1]);
    await expect(run).rejects.toThrow('no such table: elsewhere');
    await expect(new CompiledStatement('SELECT $1').rows(dataSource.manager, [])).rejects.toThrow(RangeError);
  });
});
