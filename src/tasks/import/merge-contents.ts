import { setImmediate as nextTurn } from 'node:timers/promises';
import { toJson } from './kept-records.js';
import { RecordError } from './records.js';

/** How many records are merged before others have a turn. */
const AT_ONCE = 500;

/**
 * The JSON of an object store that two dumps have: nothing of it is deleted. Of lists the records are merged by `id`, or
 * `key`, of objects the members; what is in both is as in the newer one. A record without an id is there as often as in
 * the one that has it more often, so that the same dump twice changes nothing.
 *
 * @throws RecordError where one is a list and the other is none, or the like
 */
export async function mergeContents(kept: string, given: string): Promise<string> {
  if (kept === given) return kept;
  const old = toJson(kept);
  await nextTurn();
  const now = toJson(given);
  await nextTurn();
  if (isEmpty(old)) return given;
  if (isEmpty(now)) return kept;
  if (kindOf(old) !== kindOf(now))
    throw new RecordError('is something else than what is kept of it, which stays');
  if (Array.isArray(old) && Array.isArray(now)) await addRecords(old, now);
  else if (isObject(old) && isObject(now)) await addMembers(old, now);
  else return given;
  return JSON.stringify(old);
}

async function addRecords(list: unknown[], others: readonly unknown[]): Promise<void> {
  const places = new Map<string, number>();
  const [inList, inOthers] = [identities(), identities()];
  await inTurns(list, (record, place) => places.set(inList(record), place));
  await inTurns(others, (record) => {
    list[places.get(inOthers(record)) ?? list.length] = record;
  });
}

async function addMembers(object: Record<string, unknown>, others: Record<string, unknown>): Promise<void> {
  const attributes = { writable: true, enumerable: true, configurable: true };
  await inTurns(Object.keys(others), (name) => {
    // Not an assignment, for which `__proto__` is no name as others are.
    Object.defineProperty(object, name, { value: others[name], ...attributes });
  });
}

/** Does something with each, so that others have their turns. */
async function inTurns<T>(all: readonly T[], each: (one: T, index: number) => void): Promise<void> {
  for (const [index, one] of all.entries()) {
    if (index % AT_ONCE === 0) await nextTurn();
    each(one, index);
  }
}

/** Gives each record of a list one of its own: the second with the same id is another. */
function identities(): (record: unknown) => string {
  const seen = new Map<string, number>();
  return (record) => {
    const name = nameOf(record);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return `${before} ${name}`;
  };
}

function nameOf(record: unknown): string {
  if (isObject(record) && !Array.isArray(record)) {
    for (const name of ['id', 'key']) {
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (typeof value === 'string' || typeof value === 'number') return `${name} ${value}`;
    }
  }
  return `= ${JSON.stringify(record)}`;
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'list' : isObject(value) ? 'object' : 'value');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Also what is no JSON any more: there is nothing to be kept of it. */
const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (isObject(value) && (Array.isArray(value) ? value : Object.keys(value)).length === 0);
