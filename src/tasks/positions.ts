import { toMilliseconds } from './times.js';

/** What has a place among others, as it was given. */
interface Placed {
  readonly id: number;
  readonly position: string | null;
}

/**
 * Orders by position: numbers upwards; times downwards, as Microsoft To Do has the newest on top; then what has
 * neither, by id.
 */
export function byPosition(a: Placed, b: Placed): number {
  const [one, other] = [placeOf(a.position), placeOf(b.position)];
  return one.kind - other.kind || compare(one.place, other.place) || a.id - b.id;
}

function placeOf(position: string | null): { kind: number; place: number } {
  if (position === null || position.trim() === '') return { kind: 2, place: 0 };
  const number = Number(position);
  if (!Number.isNaN(number)) return { kind: 0, place: number };
  const time = toMilliseconds(position);
  return time === undefined ? { kind: 2, place: 0 } : { kind: 1, place: -time };
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
