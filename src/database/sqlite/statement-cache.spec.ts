import Database from 'better-sqlite3';
import { withCachedStatements } from './statement-cache.js';

describe('withCachedStatements', () => {
  let database: Database.Database;
  beforeEach(() => {
    database = new Database(':memory:');
    database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)');
  });
  afterEach(() => database.close());

  it('prepares a text once', () => {
    const prepare = vi.spyOn(database, 'prepare');
    const cached = withCachedStatements(database);
    const insert = cached.prepare('INSERT INTO note (text) VALUES (?)');
    insert.run('one');
    expect(cached.prepare('INSERT INTO note (text) VALUES (?)')).toBe(insert);
    cached.prepare('SELECT text FROM note');
    expect(prepare).toHaveBeenCalledTimes(2);
    expect(cached.prepare('SELECT text FROM note').all()).toEqual([{ text: 'one' }]);
  });

  it('forgets those that were not used for long', () => {
    const prepare = vi.spyOn(database, 'prepare');
    const cached = withCachedStatements(database);
    for (let n = 0; n <= 100; n += 1) {
      cached.prepare(`SELECT ${n}`);
      cached.prepare('SELECT 0');
    }
    expect(prepare).toHaveBeenCalledTimes(101);
    cached.prepare('SELECT 0');
    expect(prepare).toHaveBeenCalledTimes(101);
    cached.prepare('SELECT 1');
    expect(prepare).toHaveBeenCalledTimes(102);
  });

  it('keeps nothing of a text that is wrong', () => {
    const cached = withCachedStatements(database);
    expect(() => cached.prepare('SELECT * FROM later')).toThrow('no such table: later');
    database.exec('CREATE TABLE later (id)');
    expect(cached.prepare('SELECT * FROM later').all()).toEqual([]);
  });

  it('goes on with statements from before the schema changed', () => {
    const cached = withCachedStatements(database);
    const all = () => cached.prepare('SELECT * FROM note').all();
    database.exec("INSERT INTO note (text) VALUES ('one')");
    expect(all()).toEqual([{ id: 1, text: 'one' }]);
    database.exec('ALTER TABLE note ADD COLUMN more DEFAULT 7');
    expect(all()).toEqual([{ id: 1, text: 'one', more: 7 }]);
  });

  it('is the same connection otherwise, and leaves the statements of others alone', () => {
    const cached = withCachedStatements(database);
    cached.exec("BEGIN; INSERT INTO note (text) VALUES ('one')");
    expect([cached.inTransaction, database.inTransaction]).toEqual([true, true]);
    cached.exec('COMMIT');
    expect(cached.pragma('foreign_keys', { simple: true })).toBe(1);
    // A mode that is set on the one does not show on the other.
    database.prepare('SELECT text FROM note').pluck();
    expect(database.prepare('SELECT text FROM note').pluck().all()).toEqual(['one']);
    expect(cached.prepare('SELECT text FROM note').all()).toEqual([{ text: 'one' }]);
  });
});
