/** The largest id, on both engines: the largest integer that JavaScript tells from its neighbours. */
export const MAX_ID = Number.MAX_SAFE_INTEGER;

/** The largest number of rows to skip, or to return. */
export const MAX_COUNT = 2_147_483_647;

/**
 * The type of all ids. PostgreSQL's `bigint` by its other name, as TypeORM makes a string of each id whose type is
 * `bigint` (its `ColumnMetadata.createValueMap`). On SQLite it is `integer`: src/database/sqlite/driver.ts.
 */
export const ID_TYPE = 'int8';

/** Whether a row can have this id. A database refuses to compare with what is out of its column's range. */
export function isId(value: number | bigint | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}
