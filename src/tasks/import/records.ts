import type { TaskDetails } from '../task-details.entity.js';
import type { TaskList } from '../task-list.entity.js';
import type { TaskStep } from '../task-step.entity.js';
import type { Task } from '../task.entity.js';
import { isTime } from '../times.js';
import type { JsonObject } from './dump.js';

/** Deeper than any record has ever been, and far from where a stack ends. */
const MAX_DEPTH = 100;
/** In UTF-16 units. Both engines keep ids of this length in an index. */
const MAX_ID_LENGTH = 500;

/** What is wrong with a record. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** A list as it will be kept. */
export type ListRow = Omit<TaskList, 'id' | 'externalId' | 'source'> & {
  externalId: string;
  source: string;
};

/** A task as it will be kept, with the external id of its list. */
export type TaskRow = Omit<Task, 'id'> &
  Omit<TaskDetails, 'taskId' | 'task' | 'listId' | 'list' | 'source'> & {
    source: string;
    list: string | null;
  };

/** A step as it will be kept, with the external id of its task. */
export type StepRow = Omit<TaskStep, 'id' | 'taskId' | 'task'> & { task: string | null };

/** @throws RecordError */
export function readList(record: unknown): ListRow {
  const { externalId, title, position, source } = read(record);
  return { externalId, title, position, source };
}

/** @throws RecordError */
export function readTask(record: unknown): TaskRow {
  const { fields, externalId, title, position, source } = read(record);
  const created = time(fields, 'created_at');
  const due = time(fields, 'due_date');
  const completed = time(fields, 'completed_at');
  return {
    externalId,
    list: id(fields, 'list_id'),
    name: title,
    done: flag(fields, 'completed'),
    position,
    note: text(fields, 'note'),
    createdAt: created.at,
    createdZone: created.zone,
    dueAt: due.at,
    dueZone: due.zone,
    completedAt: completed.at,
    completedZone: completed.zone,
    source,
  };
}

/** @throws RecordError */
export function readStep(record: unknown): StepRow {
  const { fields, externalId, title, position, source } = read(record);
  const created = time(fields, 'created_at');
  return {
    externalId,
    task: id(fields, 'task_id'),
    title,
    completed: flag(fields, 'completed'),
    position,
    createdAt: created.at,
    createdZone: created.zone,
    source,
  };
}

/** A record's id, for a report, where it has one at all. */
export function idOf(record: unknown): string | null {
  const value = (record as { id?: unknown } | null | undefined)?.id;
  return typeof value === 'string' || typeof value === 'number'
    ? String(value).slice(0, MAX_ID_LENGTH)
    : null;
}

/** JSON that is not deeper than it can be written. @throws RecordError */
export function toSource(value: unknown): string {
  if (isDeeper(value, MAX_DEPTH)) throw new RecordError(`is nested deeper than ${MAX_DEPTH} levels`);
  return JSON.stringify(value);
}

/** Text that both engines keep. @throws RecordError */
export function checkText(name: string, value: string): string {
  if (value.includes('\0')) throw new RecordError(`${name} has a NUL character in it`);
  if (!value.isWellFormed()) throw new RecordError(`${name} has half of a surrogate pair in it`);
  return value;
}

/** What all records have. */
function read(record: unknown) {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new RecordError('is no object');
  }
  const fields = record as JsonObject;
  const source = toSource(fields);
  const externalId = id(fields, 'id');
  if (externalId === null || externalId === '') throw new RecordError('id is missing');
  const title = text(fields, 'title');
  if (title === null) throw new RecordError('title is missing');
  return { fields, externalId, title, position: place(fields), source };
}

/** A member that is there: what a record has from its prototype does not count. */
function member(fields: JsonObject, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
}

function text(fields: JsonObject, name: string): string | null {
  const value = member(fields, name);
  if (value === null) return null;
  if (typeof value !== 'string') throw new RecordError(`${name} is no text`);
  return checkText(name, value);
}

function id(fields: JsonObject, name: string): string | null {
  const value = member(fields, name);
  if (typeof value === 'number') return String(value);
  const given = text(fields, name);
  if (given !== null && given.length > MAX_ID_LENGTH) {
    throw new RecordError(`${name} is longer than ${MAX_ID_LENGTH} characters`);
  }
  return given;
}

function place(fields: JsonObject): string | null {
  const value = member(fields, 'position');
  return typeof value === 'number' ? String(value) : text(fields, 'position');
}

function flag(fields: JsonObject, name: string): boolean {
  const value = member(fields, name);
  if (value === null || value === 0) return false;
  if (value === 1) return true;
  if (typeof value !== 'boolean') throw new RecordError(`${name} is neither true nor false`);
  return value;
}

/** A time and the name of its zone: an object of both, or the time alone. */
function time(fields: JsonObject, name: string): { at: string | null; zone: string | null } {
  const value = member(fields, name);
  if (value === null || typeof value === 'string')
    return { at: checkTime(name, text(fields, name)), zone: null };
  if (typeof value !== 'object' || Array.isArray(value)) throw new RecordError(`${name} is no time`);
  const parts = value as JsonObject;
  return { at: checkTime(name, text(parts, 'date_time')), zone: text(parts, 'time_zone') };
}

function checkTime(name: string, value: string | null): string | null {
  if (value !== null && !isTime(value)) throw new RecordError(`${name} is no ISO 8601 time`);
  return value;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isDeeper(child, depth - 1));
}
