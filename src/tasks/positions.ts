import { toMilliseconds } from './times.js';

/** What has a place among others, as it was given. */
interface Placed {
  readonly id: number;
  readonly position: string | null;
}

/**
 * The same rows by position: numbers upwards; times downwards, as Microsoft To Do has the newest on top; then what has
 * neither, by id.
 */
export function inOrder<Row extends Placed>(rows: readonly Row[]): Row[] {
  return rows
    .map((row) => ({ row, ...placeOf(row.position) }))
    .toSorted((a, b) => a.kind - b.kind || compare(a.place, b.place) || a.row.id - b.row.id)
    .map(({ row }) => row);
}

function placeOf(position: string | null): { kind: number; place: number } {
  if (position === null || position.trim() === '') return { kind: 2, place: 0 };
  const number = Number(position);
  if (!Number.isNaN(number)) return { kind: 0, place: number };
  const time = toMilliseconds(position);
  return time === undefined ? { kind: 2, place: 0 } : { kind: 1, place: -time };
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
