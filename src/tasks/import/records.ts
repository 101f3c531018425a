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
/** `daybook export` writes a row as one line, of at most 64 MiB. */
const MAX_ROW_BYTES = 63 * 1_048_576;
/** Of a value that is told, in UTF-16 units. */
const MAX_TOLD = 100;

/** What is wrong with a record. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** A value that cannot be read and need not be there, so that its record is kept without it. */
export interface UnreadableValue {
  readonly member: string;
  /** As JSON, or the begin of it. */
  readonly value: string;
  readonly problem: string;
}

/** Told each of them. */
export type OnUnreadable = (value: UnreadableValue) => void;

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

/** @throws RecordError where it cannot be kept */
export function readList(record: unknown, onUnreadable: OnUnreadable): ListRow {
  const { externalId, title, position, source } = read(record, onUnreadable);
  return { externalId, title, position, source };
}

/** @throws RecordError where it cannot be kept */
export function readTask(record: unknown, onUnreadable: OnUnreadable): TaskRow {
  const { optional, externalId, title, position, source } = read(record, onUnreadable);
  const created = optional('created_at', time);
  const due = optional('due_date', time);
  const completed = optional('completed_at', time);
  const note = optional('note', text);
  checkSize(source, note);
  return {
    externalId,
    list: optional('list_id', id),
    name: title,
    done: optional('completed', flag) ?? false,
    position,
    note,
    createdAt: created?.at ?? null,
    createdZone: created?.zone ?? null,
    dueAt: due?.at ?? null,
    dueZone: due?.zone ?? null,
    completedAt: completed?.at ?? null,
    completedZone: completed?.zone ?? null,
    source,
  };
}

/** @throws RecordError where it cannot be kept */
export function readStep(record: unknown, onUnreadable: OnUnreadable): StepRow {
  const { optional, externalId, title, position, source } = read(record, onUnreadable);
  const created = optional('created_at', time);
  return {
    externalId,
    task: optional('task_id', id),
    title,
    completed: optional('completed', flag) ?? false,
    position,
    createdAt: created?.at ?? null,
    createdZone: created?.zone ?? null,
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

/** JSON that can be written, and read again everywhere. @throws RecordError */
export function toSource(value: unknown): string {
  checkJson(value);
  return JSON.stringify(value);
}

/**
 * JSON.parse makes infinity of a number that is too large, and JSON.stringify makes null of that.
 *
 * @throws RecordError where it is nested too deep, or has such a number
 */
export function checkJson(value: unknown, depth = MAX_DEPTH): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RecordError('has a number that is too large: write it as text');
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw new RecordError(`is nested deeper than ${MAX_DEPTH} levels`);
  for (const child of Object.values(value)) checkJson(child, depth - 1);
}

/** @throws RecordError where a row with these texts is more than can be exported */
export function checkSize(...texts: (string | null)[]): void {
  const units = texts.reduce((sum, one) => sum + (one?.length ?? 0), 0);
  // A UTF-16 unit is one to six bytes of JSON: mostly that tells it already, and costs nothing.
  if (units * 6 <= MAX_ROW_BYTES) return;
  if (units > MAX_ROW_BYTES || Buffer.byteLength(JSON.stringify(texts)) > MAX_ROW_BYTES) {
    throw new RecordError('is larger than can be exported');
  }
}

/** Text that both engines keep. @throws RecordError */
export function checkText(name: string, value: string): string {
  if (value.includes('\0')) throw new RecordError(`${name} has a NUL character in it`);
  if (!value.isWellFormed()) throw new RecordError(`${name} has half of a surrogate pair in it`);
  return value;
}

/** What all records have, and how to read what they may have. */
function read(record: unknown, onUnreadable: OnUnreadable) {
  if (!isObject(record)) throw new RecordError('is no object');
  const source = toSource(record);
  const externalId = required(record, 'id', ownId);
  const title = required(record, 'title', text);
  const optional = <T>(name: string, readValue: Read<T>): T | null => {
    const value = member(record, name);
    try {
      return value === null ? null : readValue(name, value);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      onUnreadable({ member: name, value: shorten(value), problem: error.message });
      return null;
    }
  };
  checkSize(source, title);
  return { optional, externalId, title, position: optional('position', place), source };
}

/** Reads the value of a member that is there. @throws RecordError */
type Read<T> = (name: string, value: unknown) => T;

function required<T>(record: JsonObject, name: string, readValue: Read<T>): T {
  const value = member(record, name);
  if (value === null || (name === 'id' && value === '')) throw new RecordError(`${name} is missing`);
  return readValue(name, value);
}

/** A member that is there: what a record has from its prototype does not count. */
export function member(fields: JsonObject, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new RecordError(`${name} is no text`);
  return checkText(name, value);
}

/** The id of a record: of more digits than a double has, it would be that of another one, too. */
function ownId(name: string, value: unknown): string {
  if (!isSafe(value)) throw new RecordError(`${name} has more digits than a number keeps: write it as text`);
  return id(name, value);
}

function id(name: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  const given = text(name, value);
  if (given.length > MAX_ID_LENGTH) {
    throw new RecordError(`${name} is longer than ${MAX_ID_LENGTH} characters`);
  }
  return given;
}

function place(name: string, value: unknown): string {
  return typeof value === 'number' ? String(value) : text(name, value);
}

function flag(name: string, value: unknown): boolean {
  if (value === 0) return false;
  if (value === 1) return true;
  if (typeof value !== 'boolean') throw new RecordError(`${name} is neither true nor false`);
  return value;
}

/** A time and the name of its zone: an object of both, or the time alone. */
function time(name: string, value: unknown): { at: string | null; zone: string | null } {
  if (typeof value === 'string') return { at: checkTime(name, value), zone: null };
  if (!isObject(value)) throw new RecordError(`${name} is no time`);
  const [at, zone] = [member(value, 'date_time'), member(value, 'time_zone')];
  return {
    at: at === null ? null : checkTime(name, text('date_time', at)),
    zone: zone === null ? null : text('time_zone', zone),
  };
}

function checkTime(name: string, value: string): string {
  if (!isTime(value)) throw new RecordError(`${name} is no ISO 8601 time`);
  return value;
}

/** Whether it is an object of JSON. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether no digit is lost of it where it is a number. */
export const isSafe = (value: unknown): boolean =>
  typeof value !== 'number' ||
  (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));

function shorten(value: unknown): string {
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_TOLD) : value);
  return json.length <= MAX_TOLD ? json : `${json.slice(0, MAX_TOLD)}…`;
}
