import { setImmediate as nextTurn } from 'node:timers/promises';
import { FirstFew } from '../../first-few.js';
import { type JsonObject, STORES, type StoreName } from './dump.js';
import {
  checkJson,
  checkSize,
  checkText,
  idOf,
  type ListRow,
  type OnUnreadable,
  readList,
  readStep,
  readTask,
  RecordError,
  type StepRow,
  type TaskRow,
  toSource,
  type UnreadableValue,
} from './records.js';
import { UnusedMembers } from './unused-members.js';

/** How many records are read before others have a turn. */
const AT_ONCE = 500;

/** How many faults, and values that cannot be read, are told one by one. */
export const MAX_FAULTS = 1_000;

/** A record that is left out. */
export interface FaultyRecord {
  readonly store: string;
  /** Its place in the store, from 0; none where the store itself is at fault. */
  readonly index: number | null;
  readonly id: string | null;
  readonly problem: string;
}

/** A value that was left out of a record. */
export interface LeftOutValue extends UnreadableValue {
  readonly store: StoreName;
  readonly index: number;
  readonly id: string | null;
}

/** An object store as it will be kept; without content where its records have a table. */
export interface StoreRow {
  readonly name: string;
  readonly content: string | null;
}

/** What a dump holds, ready to be written. */
export interface PreparedDump {
  readonly stores: StoreRow[];
  readonly lists: ListRow[];
  readonly tasks: TaskRow[];
  readonly steps: StepRow[];
  readonly faults: FirstFew<FaultyRecord>;
  readonly unreadable: FirstFew<LeftOutValue>;
  readonly unused: UnusedMembers;
}

/** Reads all records of a dump. What is wrong with one is told, and the others are not held up by it. */
export async function prepareDump(dump: JsonObject): Promise<PreparedDump> {
  const told = {
    faults: new FirstFew<FaultyRecord>(MAX_FAULTS),
    unreadable: new FirstFew<LeftOutValue>(MAX_FAULTS),
    unused: new UnusedMembers(),
  };
  const read = <Row extends { externalId: string }>(name: StoreName, readRecord: ReadRecord<Row>) =>
    readRecords(name, (dump[name] ?? []) as unknown[], readRecord, told);
  return {
    stores: readStores(dump, told),
    lists: await read('lists', readList),
    tasks: await read('tasks', readTask),
    steps: await read('steps', readStep),
    ...told,
  };
}

type ReadRecord<Row> = (record: unknown, onUnreadable: OnUnreadable) => Row;
type Told = Pick<PreparedDump, 'faults' | 'unreadable' | 'unused'>;

async function readRecords<Row extends { externalId: string }>(
  store: StoreName,
  records: unknown[],
  read: ReadRecord<Row>,
  { faults, unreadable, unused }: Told,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (const [index, record] of records.entries()) {
    if (index % AT_ONCE === 0) await nextTurn();
    const problem = problemIn(() => {
      const values: UnreadableValue[] = [];
      const row = read(record, (value) => values.push(value));
      if (rows.has(row.externalId)) throw new RecordError('has the id of a record before it');
      rows.set(row.externalId, row);
      for (const value of values) unreadable.add({ store, index, id: row.externalId, ...value });
      unused.addRecord(store, record as JsonObject);
    });
    if (problem !== undefined) faults.add({ store, index, id: idOf(record), problem });
  }
  return [...rows.values()];
}

function readStores(dump: JsonObject, { faults, unused }: Told): StoreRow[] {
  const rows: StoreRow[] = [];
  for (const [name, content] of Object.entries(dump)) {
    const isOwn = (STORES as readonly string[]).includes(name);
    const store = name.slice(0, 500);
    const problem = problemIn(() => {
      if (name.length > 500) throw new RecordError('has a name longer than 500 characters');
      checkText('its name', name);
      if (isOwn && Array.isArray(content)) {
        rows.push({ name, content: null });
        return;
      }
      const kept = Array.isArray(content) ? goodRecords(store, content, faults) : content;
      // The list itself is no level of its records.
      const source = Array.isArray(kept) ? JSON.stringify(kept) : toSource(kept);
      checkSize(source);
      rows.push({ name, content: source });
      unused.addStore(name, kept);
    });
    if (problem !== undefined) faults.add({ store, index: null, id: null, problem });
  }
  return rows;
}

/** The records of an object store that Daybook has no table for. */
function goodRecords(store: string, records: unknown[], faults: FirstFew<FaultyRecord>): unknown[] {
  return records.filter((record, index) => {
    const problem = problemIn(() => checkJson(record));
    if (problem !== undefined) faults.add({ store, index, id: idOf(record), problem });
    return problem === undefined;
  });
}

function problemIn(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof RecordError) return error.message;
    throw error;
  }
}
