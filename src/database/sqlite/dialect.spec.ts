import Database from 'better-sqlite3';
import { sqliteDialect as dialect } from './dialect.js';

describe("SQLite's dialect", () => {
  let database: Database.Database;
  beforeAll(() => {
    database = new Database(':memory:');
    database.exec(
      'CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX names ON things (name)',
    );
  });
  afterAll(() => database.close());

  const planOf = (sql: string) =>
    database
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join('\n');

  it('keeps SQLite from an index where it is told so', () => {
    const find = (name: string) => planOf(`SELECT * FROM things WHERE ${name} > 'a'`);
    expect(find('name')).toContain('INDEX names');
    expect(find(dialect.unindexed('name'))).toBe('SCAN things');
  });

  it('has lists made without sorting the rows again', () => {
    for (const made of [dialect.jsonArray('name', 't.id'), dialect.jsonLines('name', 't.id')]) {
      expect(planOf(`SELECT ${made} FROM (SELECT * FROM things ORDER BY id LIMIT 9) t`)).not.toContain(
        'TEMP B-TREE',
      );
    }
  });

  it('says rightly that SQLite tells new ids by itself', () => {
    expect(dialect.tellsNewIds).toBe(true);
    database.prepare('INSERT INTO things VALUES (41, ?)').run('first');
    expect(database.prepare('INSERT INTO things (name) VALUES (?)').run('second').lastInsertRowid).toBe(42);
  });

  it('has rows inserted one by one, in the order of their ids', () => {
    expect(dialect.rowsOfLists).toBeUndefined();
    expect(dialect.writersOf).toBeUndefined();
  });
});
