import type { Task } from '../task.entity.js';
import type { JsonObject } from './dump.js';
import { isObject, isSafe, member } from './records.js';

// Records as they are kept in the database. An older Daybook, or somebody else, may have written them, so that nothing
// here refuses one.

/** The name and state that an import has made of a record, whatever else is in it; nothing without a title. */
export function stateOf(record: JsonObject): Pick<Task, 'name' | 'done'> | undefined {
  const [title, completed] = [member(record, 'title'), member(record, 'completed')];
  return typeof title === 'string' ? { name: title, done: completed === true || completed === 1 } : undefined;
}

/** Whether a record would be known again by this id. */
export function hasId(record: JsonObject, externalId: string): boolean {
  const value = member(record, 'id');
  return (
    (typeof value === 'string' || typeof value === 'number') && isSafe(value) && String(value) === externalId
  );
}

/** What is kept as JSON; nothing for text that is none. */
export function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A record that is kept as JSON; nothing for what is none. */
export function toObject(text: string): JsonObject | undefined {
  const value = toJson(text);
  return isObject(value) ? value : undefined;
}
