import type { DataSource } from 'typeorm';
import { postgresDialect } from './postgres/dialect.js';
import { sqliteDialect } from './sqlite/dialect.js';

/**
 * What the engines write differently in SQL. All else is written once.
 *
 * What is given and what is answered are pieces of SQL; a parameter is `$1`, `$2` and so on, on both engines.
 */
export interface Dialect {
  /** A JSON object that has these members, in this order, by their names. */
  jsonObject(members: readonly (readonly [name: string, value: string])[]): string;
  /** A JSON list as text, of an object for each row. The rows come by this id. */
  jsonArray(object: string, id: string): string;
  /** The same objects as text, each on a line of its own. */
  jsonLines(object: string, id: string): string;
  /** A text that is JSON, as a value in other JSON. */
  jsonValue(text: string): string;
  /** A boolean column as a value in JSON. */
  jsonBoolean(column: string): string;
  /** The elements of a list, which is JSON text, as rows in their order that have a `value`. */
  jsonElements(list: string): string;
  /** Whether a part is in a text, whose A to Z are taken as a to z, and no other character for another. */
  contains(text: string, part: string): string;
  /** A column that is compared in such a way that SQLite does not look the rows up by it. */
  unindexed(column: string): string;
  /** The rows that lists make, one for each column, where rows had better be inserted so than one by one. */
  readonly rowsOfLists?: (lists: readonly string[]) => string;
  /** Whether the database tells the id that it has given to a new row without being asked for it. */
  readonly tellsNewIds: boolean;
  /**
   * A statement that answers the transactions that are writing into a table, where a smaller id may come after a larger:
   * the `id` of each, its server `process`, and whether it is this application's `own`.
   */
  readonly writersOf?: (table: string) => string;
  /** A statement that answers the `last` id that a table has given, in a row that may be deleted, or not committed yet. */
  lastIdOf(table: string): string;
}

/** The dialect of the engine that a data source is on. */
export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'postgres' ? postgresDialect : sqliteDialect;
}
