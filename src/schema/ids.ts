/** The largest id: PostgreSQL's `integer`. The same on SQLite, so that both answer alike. */
export const MAX_ID = 2_147_483_647;

/** Whether a row can have this id. A database refuses to compare with what is out of its column's range. */
export function isId(value: number | bigint | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_ID;
}
