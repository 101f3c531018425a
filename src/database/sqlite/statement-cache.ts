import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';

/** As many as TypeORM keeps. */
const MAX_STATEMENTS = 100;

/**
 * The same connection, for TypeORM: it prepares a statement's text once. TypeORM's own cache is that of one query runner,
 * which serves one transaction here.
 */
export function withCachedStatements(database: Database): Database {
  const cache = new LRUCache<string, Statement>({ max: MAX_STATEMENTS });
  const prepare = (sql: string): Statement => {
    let statement = cache.get(sql);
    if (!statement) cache.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
  // Not on the connection itself: others set modes on the statements that they prepare.
  return Object.create(database, { prepare: { value: prepare } }) as Database;
}
