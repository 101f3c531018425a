import type { EntityManager } from 'typeorm';
import { CompiledStatement } from '../../src/database/statements/compiled-statement.js';
import { FilterSql } from '../../src/database/statements/filter-sql.js';
import { JsonSql } from '../../src/database/statements/json-sql.js';
import { PreparedStatements } from '../../src/database/statements/prepared-statements.js';
import { RowSql } from '../../src/database/statements/row-sql.js';
import { LogDto } from '../../src/logs/dto/log.dto.js';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { Note } from '../../src/notes/note.entity.js';
import { UserDto } from '../../src/users/dto/user.dto.js';
import { User } from '../../src/users/user.entity.js';
import { engines } from '../support/databases.js';
import { openConnection, type TestConnection } from '../support/open-connection.js';

const END = Number.MAX_SAFE_INTEGER;

// What is expected stands once: the engines answer alike, to the byte.
describe.each(engines)('statements on %s', (engine) => {
  let test: TestConnection;
  let manager: EntityManager;
  beforeAll(async () => {
    test = await openConnection(engine);
    ({ manager } = test.dataSource);
    await manager.query(
      `INSERT INTO users (id, email, email_key, password_hash, is_active)
       VALUES (1, 'a@b', 'a@b', '', true), (3, '"c"@d', 'c@d', '', false)`,
    );
    await manager.query(
      `INSERT INTO items (id, title, description, owner_id) VALUES (7, 'ä\n😀', NULL, 1), (5, 'lamp', '\\', 1)`,
    );
    // The times are not in the order of the ids.
    await manager.query(
      `INSERT INTO logs (id, message, timestamp) VALUES (1, 'One', '5'), (2, 'two', '4'), (4, 'ÄONE', '3')`,
    );
  });
  afterAll(() => test.close());

  const rows = (statement: CompiledStatement, ...values: unknown[]) => statement.rows(manager, values);

  it('take parameters more than once, out of order and with casts', async () => {
    const sql = `SELECT $2::text AS "a", $1::int + 1 AS "b", $2::text || '$1' AS "c" WHERE $1::int > 1`;
    const statement = new CompiledStatement(sql);
    expect(await rows(statement, 2, 'x')).toEqual([{ a: 'x', b: 3, c: 'x$1' }]);
    expect(await rows(statement, 1, 'x')).toEqual([]);
  });

  it('tell ten parameters from one', async () => {
    const ten = Array.from({ length: 10 }, (_, n) => `$${10 - n}::text`).join(` || '-' || `);
    expect(await rows(new CompiledStatement(`SELECT ${ten} AS "v"`), ...'abcdefghij')).toEqual([
      { v: 'j-i-h-g-f-e-d-c-b-a' },
    ]);
  });

  it('refuse values that no parameter is for', async () => {
    const statement = new CompiledStatement('SELECT $1::int AS "v"');
    await expect(rows(statement, 1, 2)).rejects.toThrow(/parameter/);
    await expect(rows(statement)).rejects.toThrow(/parameter/);
    expect(await rows(statement, 1)).toEqual([{ v: 1 }]);
  });

  it('make the same JSON', async () => {
    const [page] = await rows(new JsonSql(test.dataSource).page(User, UserDto.members, 1_000), 0, END, 9);
    expect(page?.json).toBe(
      '[{"email":"a@b","id":1,"is_active":true,"items":[' +
        '{"title":"lamp","description":"\\\\","id":5,"owner_id":1},' +
        '{"title":"ä\\n😀","description":null,"id":7,"owner_id":1}]},' +
        '{"email":"\\"c\\"@d","id":3,"is_active":false,"items":[]}]',
    );
    expect([Number(page?.count), page?.last]).toEqual([2, 3]);
  });

  it('make no JSON of too much text, but for one row', async () => {
    // The rows have 4, 4 and 6 bytes of text.
    const page = async (maxBytes: number, after: number, most: number) => {
      const [row] = await rows(
        new JsonSql(test.dataSource).page(LogEntry, LogDto.members, maxBytes),
        after,
        END,
        most,
      );
      return Number(row?.count);
    };
    expect([await page(14, 0, 3), await page(13, 0, 3), await page(1, 2, 2), await page(1, 2, 1)]).toEqual([
      3, 0, 0, 1,
    ]);
  });

  it('find the same rows by id', async () => {
    const sql = new RowSql(LogEntry, test.dataSource);
    expect(await rows(sql.newest())).toEqual([{ last: 4 }]);
    expect(await rows(sql.nth(), 1)).toEqual([{ last: 2 }]);
    expect(await rows(sql.window(9, 13), 0, END)).toEqual([{ last: 2 }]);
    expect(await rows(sql.window(9, 1), 2, END)).toEqual([{ last: 4 }]);
    expect(await rows(sql.window(9, 99), 4, END)).toEqual([{ last: null }]);
    expect(await rows(sql.rowsAfter(1, 99), 1)).toEqual([{ id: 2, message: 'two', timestamp: '4' }]);
  });

  it('find the same rows by time and text', async () => {
    const filter = new FilterSql(LogEntry, { time: 'timestamp', text: 'message' }, test.dataSource);
    const lines = new JsonSql(test.dataSource).lines(LogEntry, { id: 'id' }, filter.first);
    const found = async (...values: unknown[]) => (await rows(lines, ...values))[0]?.json;
    expect(await found(0, END, '', '9', 'one', 9)).toBe('{"id":1}\n{"id":4}');
    expect(await found(0, END, '', '9', '', 2)).toBe('{"id":1}\n{"id":2}');
    expect(await found(1, END, '3', '4', '', 9)).toBe('{"id":2}\n{"id":4}');
    expect(await found(0, END, '', '9', 'äone', 9)).toBeNull();
    expect(await rows(filter.beforeNewest(), 0, END, '', '9', '', 1)).toEqual([{ last: 2 }]);
    const [between] = await rows(filter.between(2), '3', '5');
    expect([between?.first, between?.last, Number(between?.count)]).toEqual([2, 4, 2]);
  });

  it('insert one row and many, and tell their ids', async () => {
    const notes = new PreparedStatements(Note, test.dataSource);
    const made = [
      { text: 'one', completed: false },
      { text: 'two', completed: true },
    ];
    expect((await notes.insert(manager, made))?.identifiers).toEqual([{ id: 1 }, { id: 2 }]);
    expect(made[1]).toEqual({ id: 2, text: 'two', completed: true });
    expect((await notes.insert(manager, [{ text: 'three', completed: true }]))?.identifiers).toEqual([
      { id: 3 },
    ]);
    expect(await notes.findOne(manager, { completed: true, id: 2 })).toEqual({
      id: 2,
      text: 'two',
      completed: true,
    });
    expect(await notes.findOne(manager, { id: 2, completed: false })).toBeNull();
  });

  it('update what fits, each value in its column', async () => {
    const notes = new PreparedStatements(Note, test.dataSource);
    await manager.query(`INSERT INTO notes (id, text, completed) VALUES (10, 'old', false)`);
    expect(await notes.update(manager, { completed: true, id: 10 }, { text: 'no' })).toBe(0);
    expect(await notes.update(manager, { completed: false, id: 10 }, { text: 'new', completed: true })).toBe(
      1,
    );
    expect(await notes.findOne(manager, { id: 10 })).toEqual({ id: 10, text: 'new', completed: true });
  });
});
