import Database from 'better-sqlite3';
import { kindOf } from './statement-kinds.js';

describe('kindOf', () => {
  let reader: Database.Database;
  beforeAll(() => {
    reader = new Database(':memory:');
    reader.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)');
  });
  afterAll(() => reader.close());

  it.each([
    ['SELECT * FROM note', 'read'],
    ['  select 1', 'read'],
    ['-- INSERT INTO note\nSELECT 1', 'read'],
    ['/* DELETE\n FROM note */ /* ; */\n--\n SELECT 1', 'read'],
    ['WITH n AS (SELECT 1) SELECT * FROM n', 'read'],
    ['VALUES (1), (2)', 'read'],
    ['EXPLAIN SELECT * FROM note', 'read'],
    ['explain query plan SELECT 1', 'read'],
    ["INSERT INTO note (text) VALUES ('x')", 'write'],
    ["INSERT INTO note (text) VALUES ('x') RETURNING id", 'write'],
    ['UPDATE note SET text = 1', 'write'],
    ['delete from note', 'write'],
    ['-- SELECT\nDELETE FROM note', 'write'],
    ['/* SELECT */ DELETE FROM note', 'write'],
    ['WITH n AS (SELECT 1) INSERT INTO note SELECT * FROM n', 'write'],
    ['WITH n AS (SELECT 1) DELETE FROM note RETURNING *', 'write'],
    ['CREATE TABLE other (id)', 'write'],
    ['DROP TABLE note', 'write'],
    ['REINDEX', 'write'],
    ['SAVEPOINT mine', 'write'],
    ['', 'write'],
    ['-- nothing', 'write'],
    ['/* no end', 'write'],
    ['PRAGMA foreign_keys', 'alone'],
    ['pragma journal_mode = DELETE', 'alone'],
    ['-- as it is\nVACUUM', 'alone'],
    ["ATTACH 'x' AS x", 'alone'],
    ['DETACH x', 'alone'],
  ])('%j: %s', (sql, kind) => {
    expect(kindOf(sql, reader)).toBe(kind);
  });

  it('leaves what is wrong to who runs it', () => {
    expect(kindOf('WITH n AS SELECT', reader)).toBe('write');
    expect(kindOf('WITH n AS (SELECT 1) SELECT * FROM elsewhere', reader)).toBe('write');
    expect(kindOf('SELECT * FROM elsewhere', reader)).toBe('read');
  });

  it.each([['SELECT 1'], ['WITH n AS (SELECT 1) SELECT * FROM n'], ['VALUES (1)']])(
    'has all take turns where there is one connection: %s',
    (sql) => {
      expect(kindOf(sql, undefined)).toBe('write');
    },
  );
});
