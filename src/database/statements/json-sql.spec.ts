import { NoteDto } from '../../notes/dto/note.dto.js';
import { Note } from '../../notes/note.entity.js';
import { entities } from '../../schema/entities.js';
import { migrations } from '../../schema/migrations.js';
import { ItemDto } from '../../users/dto/item.dto.js';
import { UserDto } from '../../users/dto/user.dto.js';
import { Item } from '../../users/item.entity.js';
import { User } from '../../users/user.entity.js';
import type { CompiledStatement } from './compiled-statement.js';
import { JsonSql } from './json-sql.js';
import { SessionDataSource } from '../session-data-source.js';

const END = Number.MAX_SAFE_INTEGER;

describe('JsonSql', () => {
  let dataSource: SessionDataSource;
  let sql: JsonSql;
  beforeAll(async () => {
    dataSource = await new SessionDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities,
      migrations,
      migrationsRun: true,
    }).initialize();
    sql = new JsonSql(dataSource);
    await dataSource.query(
      `INSERT INTO notes (id, text, completed) VALUES (1, 'one', 1), (2, 'two "2"', 0), (4, 'four', 1), (7, 'säven', 0)`,
    );
    await dataSource.query(
      `INSERT INTO users (id, email, email_key, password_hash, is_active) VALUES (1, 'a@b', 'a@b', '', 1), (2, 'c@d', 'c@d', '', 0)`,
    );
    await dataSource.query(
      `INSERT INTO items (id, title, description, owner_id) VALUES (3, 'c', NULL, 1), (2, 'b', 'd', 1), (9, 'z', '', 1)`,
    );
  });
  afterAll(() => dataSource.destroy());

  const answer = async (statement: CompiledStatement, ...values: unknown[]) => {
    const [row] = await statement.rows(dataSource.manager, values);
    return row;
  };

  it('makes a list of the rows between two ids, of as many as are asked for', async () => {
    const page = sql.page(Note, NoteDto.members, 1_000);
    expect(await answer(page, 1, 4, 9)).toEqual({
      json: '[{"id":2,"text":"two \\"2\\"","completed":false},{"id":4,"text":"four","completed":true}]',
      count: 2,
      last: 4,
    });
    expect(await answer(page, 0, END, 3)).toMatchObject({ count: 3, last: 4 });
    expect(await answer(page, 7, END, 9)).toEqual({ json: '[]', count: 0, last: null });
  });

  it('makes an empty list of too much text, where more than one row was asked for', async () => {
    // The texts of the rows have 3, 7, 4 and 6 bytes.
    const page = (maxBytes: number) => sql.page(Note, NoteDto.members, maxBytes);
    expect(await answer(page(20), 0, END, 4)).toMatchObject({ count: 4 });
    expect(await answer(page(19), 0, END, 4)).toEqual({ json: '[]', count: 0, last: null });
    expect(await answer(page(19), 0, END, 3)).toMatchObject({ count: 3 });
    expect(await answer(page(1), 4, END, 2)).toMatchObject({ count: 0 });
    expect(await answer(page(1), 4, END, 1)).toMatchObject({ count: 1, last: 7 });
  });

  it('counts a text that is not there as none', async () => {
    // The items have 2, 1 and 1 bytes.
    const page = (maxBytes: number) => sql.page(Item, ItemDto.members, maxBytes);
    expect(await answer(page(4), 0, END, 3)).toMatchObject({ count: 3 });
    expect(await answer(page(3), 0, END, 3)).toMatchObject({ count: 0 });
  });

  it('lists the entities that belong to another in it, by id', async () => {
    expect(await answer(sql.page(User, UserDto.members, 1_000), 0, END, 9)).toEqual({
      json:
        '[{"email":"a@b","id":1,"is_active":true,"items":[' +
        '{"title":"b","description":"d","id":2,"owner_id":1},' +
        '{"title":"c","description":null,"id":3,"owner_id":1},' +
        '{"title":"z","description":"","id":9,"owner_id":1}]},' +
        '{"email":"c@d","id":2,"is_active":false,"items":[]}]',
      count: 2,
      last: 2,
    });
  });

  it('makes lines of rows that are found in some other way', async () => {
    const lines = sql.lines(
      Note,
      { text: 'text', done: 'completed' },
      'FROM notes WHERE completed = $1 ORDER BY id',
    );
    expect(await answer(lines, 1)).toEqual({
      json: '{"text":"one","done":true}\n{"text":"four","done":true}',
      count: 2,
    });
    expect(await answer(lines, 2)).toEqual({ json: null, count: 0 });
  });

  it('refuses a member of a property that is not there', () => {
    expect(() => sql.page(Note, { text: 'txt' as 'text' }, 1)).toThrow('Note has no property txt.');
  });
});
