import { toJson } from './kept-records.js';
import { RecordError } from './records.js';

/**
 * The JSON of an object store that two dumps have: nothing of it is deleted. Of lists the records are merged by `id`, or
 * `key`, of objects the members; what is in both is as in the newer one. A record without an id is there as often as in
 * the one that has it more often, so that the same dump twice changes nothing.
 *
 * @throws RecordError where one is a list and the other is none, or the like
 */
export function mergeContents(kept: string, given: string): string {
  if (kept === given) return kept;
  const [old, now] = [toJson(kept), toJson(given)];
  if (isEmpty(old)) return given;
  if (isEmpty(now)) return kept;
  if (kindOf(old) !== kindOf(now))
    throw new RecordError('is something else than what is kept of it, which stays');
  if (Array.isArray(old) && Array.isArray(now)) return JSON.stringify(mergeLists(old, now));
  return isObject(old) && isObject(now) ? JSON.stringify({ ...old, ...now }) : given;
}

function mergeLists(old: readonly unknown[], now: readonly unknown[]): unknown[] {
  const merged = [...old];
  const places = new Map<string, number>();
  for (const [place, identity] of identities(old).entries()) places.set(identity, place);
  for (const [index, identity] of identities(now).entries()) {
    const place = places.get(identity);
    if (place === undefined) merged.push(now[index]);
    else merged[place] = now[index];
  }
  return merged;
}

/** Of each record one of its own: the second with the same id is another. */
function identities(records: readonly unknown[]): string[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const name = nameOf(record);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return `${before} ${name}`;
  });
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
  value === null || value === undefined || (isObject(value) && Object.keys(value).length === 0);
