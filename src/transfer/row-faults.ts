import type { Kind, TransferColumn } from './transfer-tables.js';

const CHECKS: Record<Kind, (value: unknown, column: TransferColumn) => boolean> = {
  // PostgreSQL stores neither NUL nor half a character.
  text: (value, { length = Infinity }) =>
    typeof value === 'string' && value.length <= length && !value.includes('\0') && value.isWellFormed(),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  number: (value) => Number.isFinite(value),
};

/** What is wrong with a row, if anything is. What it holds is not repeated. */
export function faultOf(row: readonly unknown[], columns: readonly TransferColumn[]): string | undefined {
  if (row.length !== columns.length) return `it has ${row.length} values and not ${columns.length}`;
  for (const [index, column] of columns.entries()) {
    const value = row[index];
    const right = value === null ? column.nullable : CHECKS[column.kind](value, column);
    if (!right) return `${column.name} is not what it must be`;
  }
  return undefined;
}
