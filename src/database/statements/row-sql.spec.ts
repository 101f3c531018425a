import { LogEntry } from '../../logs/log-entry.entity.js';
import { entities } from '../../schema/entities.js';
import { migrations } from '../../schema/migrations.js';
import type { CompiledStatement } from './compiled-statement.js';
import { RowSql } from './row-sql.js';
import { SessionDataSource } from '../session-data-source.js';

const END = Number.MAX_SAFE_INTEGER;

describe('RowSql', () => {
  let dataSource: SessionDataSource;
  let sql: RowSql;
  beforeAll(async () => {
    dataSource = await new SessionDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities,
      migrations,
      migrationsRun: true,
    }).initialize();
    sql = new RowSql(LogEntry, dataSource);
  });
  afterAll(() => dataSource.destroy());
  beforeEach(() => dataSource.query('DELETE FROM logs'));

  const add = async (...rows: [id: number, bytes: number][]) => {
    for (const row of rows) {
      await dataSource.query(
        `INSERT INTO logs (id, message, timestamp) VALUES (?, hex(zeroblob(?)), '')`,
        row,
      );
    }
  };
  const last = async (statement: CompiledStatement, ...values: unknown[]) => {
    const [row] = await statement.rows(dataSource.manager, values);
    return row?.last;
  };

  it('answers the newest id and the nth, where there are such', async () => {
    expect(await last(sql.newest())).toBeUndefined();
    expect(await last(sql.nth(), 0)).toBeUndefined();
    await add([3, 1], [8, 1], [5, 1]);
    expect(await last(sql.newest())).toBe(8);
    expect([await last(sql.nth(), 0), await last(sql.nth(), 1), await last(sql.nth(), 3)]).toEqual([
      3,
      5,
      undefined,
    ]);
  });

  it('ends a window where there are enough rows, or enough text, or no more', async () => {
    // Each has twice as many bytes of text.
    await add([3, 5], [5, 5], [8, 50], [9, 5]);
    expect(await last(sql.window(2, 1_000), 0, END)).toBe(5);
    expect(await last(sql.window(9, 20), 0, END)).toBe(5);
    expect(await last(sql.window(9, 19), 0, END)).toBe(3);
    expect(await last(sql.window(9, 120), 0, END)).toBe(8);
    expect(await last(sql.window(9, 1_000), 0, 8)).toBe(8);
    expect(await last(sql.window(9, 1_000), 3, 7)).toBe(5);
    expect(await last(sql.window(9, 1_000), 9, END)).toBeNull();
  });

  it('has one row in a window, however large', async () => {
    await add([3, 5], [8, 50]);
    expect(await last(sql.window(9, 99), 3, END)).toBe(8);
  });

  it('answers the rows of a window by the names of their properties', async () => {
    await add([3, 1], [5, 1], [8, 50]);
    const rows = (maxRows: number, maxBytes: number, after: number) =>
      sql.rowsAfter(maxRows, maxBytes).rows(dataSource.manager, [after]);
    expect(await rows(9, 4, 0)).toEqual([
      { id: 3, message: '00', timestamp: '' },
      { id: 5, message: '00', timestamp: '' },
    ]);
    expect(await rows(2, 1_000, 3)).toMatchObject([{ id: 5 }, { id: 8 }]);
    expect(await rows(9, 1_000, 8)).toEqual([]);
  });
});
