import { LogEntry } from '../../logs/log-entry.entity.js';
import { entities } from '../../schema/entities.js';
import { migrations } from '../../schema/migrations.js';
import { CompiledStatement } from './compiled-statement.js';
import { FilterSql } from './filter-sql.js';
import { PositionalSql } from './positional-sql.js';
import { SessionDataSource } from '../session-data-source.js';

describe('FilterSql', () => {
  let dataSource: SessionDataSource;
  let filter: FilterSql<LogEntry>;
  beforeAll(async () => {
    dataSource = await new SessionDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities,
      migrations,
      migrationsRun: true,
    }).initialize();
    filter = new FilterSql(LogEntry, { time: 'timestamp', text: 'message' }, dataSource);
    // The times are not in the order of the ids.
    await dataSource.query(
      `INSERT INTO logs (id, message, timestamp) VALUES (1, 'One', '5'), (2, 'two', '4'), (3, 'ONE', '3'), (5, 'five', '9')`,
    );
  });
  afterAll(() => dataSource.destroy());

  const ids = async (...values: unknown[]) => {
    const rows = await new CompiledStatement(`SELECT "id" ${filter.first}`).rows(dataSource.manager, values);
    return rows.map(({ id }) => id);
  };
  const rowOf = async (statement: CompiledStatement, ...values: unknown[]) =>
    (await statement.rows(dataSource.manager, values))[0];

  it('finds the first rows between two ids and two times that have a text', async () => {
    expect(await ids(0, 99, '', '9', '', 9)).toEqual([1, 2, 3, 5]);
    expect(await ids(0, 99, '', '9', '', 2)).toEqual([1, 2]);
    expect(await ids(1, 3, '', '9', '', 9)).toEqual([2, 3]);
    expect(await ids(0, 99, '3', '4', '', 9)).toEqual([2, 3]);
    expect(await ids(0, 99, '', '9', 'one', 9)).toEqual([1, 3]);
    expect(await ids(0, Number.MAX_SAFE_INTEGER, '6', '8', 'one', 9)).toEqual([]);
  });

  it('goes through the rows by id, and does not sort them', async () => {
    const { sql } = new PositionalSql(`SELECT * ${filter.first}`);
    const plan = await dataSource.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [
      0,
      9,
      '',
      '9',
      '',
      '',
      9,
    ]);
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    ]);
  });

  it('answers the id before the newest rows that fit', async () => {
    const before = filter.beforeNewest();
    expect(await rowOf(before, 0, 99, '', '9', '', 1)).toEqual({ last: 3 });
    expect(await rowOf(before, 0, 99, '', '9', 'one', 1)).toEqual({ last: 1 });
    expect(await rowOf(before, 0, 99, '', '9', '', 0)).toEqual({ last: 5 });
    expect(await rowOf(before, 0, 99, '', '9', '', 4)).toBeUndefined();
  });

  it('answers between which ids the rows of a time are, and counts no further than it must', async () => {
    expect(await rowOf(filter.between(9), '3', '5')).toEqual({ first: 1, last: 3, count: 3 });
    expect(await rowOf(filter.between(2), '3', '5')).toEqual({ first: 2, last: 3, count: 2 });
    expect(await rowOf(filter.between(9), '6', '8')).toEqual({ first: null, last: null, count: 0 });
  });
});
