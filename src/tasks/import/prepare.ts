import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JsonObject, STORES, type StoreName } from './dump.js';
import {
  checkText,
  idOf,
  type ListRow,
  readList,
  readStep,
  readTask,
  RecordError,
  type StepRow,
  type TaskRow,
  toSource,
} from './records.js';

/** How many records are read before others have a turn. */
const AT_ONCE = 500;

/** A record that is left out. */
export interface FaultyRecord {
  readonly store: string;
  /** Its place in the store, from 0; none where the store itself is at fault. */
  readonly index: number | null;
  readonly id: string | null;
  readonly problem: string;
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
  readonly faults: FaultyRecord[];
}

/** Reads all records of a dump. What is wrong with one is told in `faults`, and the others are not held up by it. */
export async function prepareDump(dump: JsonObject): Promise<PreparedDump> {
  const faults: FaultyRecord[] = [];
  const read = <Row extends { externalId: string }>(name: StoreName, readRecord: (record: unknown) => Row) =>
    readRecords(name, (dump[name] ?? []) as unknown[], readRecord, faults);
  return {
    stores: readStores(dump, faults),
    lists: await read('lists', readList),
    tasks: await read('tasks', readTask),
    steps: await read('steps', readStep),
    faults,
  };
}

async function readRecords<Row extends { externalId: string }>(
  store: StoreName,
  records: unknown[],
  read: (record: unknown) => Row,
  faults: FaultyRecord[],
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (const [index, record] of records.entries()) {
    if (index % AT_ONCE === 0) await nextTurn();
    const problem = problemIn(() => {
      const row = read(record);
      if (rows.has(row.externalId)) throw new RecordError('has the id of a record before it');
      rows.set(row.externalId, row);
    });
    if (problem !== undefined) faults.push({ store, index, id: idOf(record), problem });
  }
  return [...rows.values()];
}

function readStores(dump: JsonObject, faults: FaultyRecord[]): StoreRow[] {
  const rows: StoreRow[] = [];
  for (const [name, content] of Object.entries(dump)) {
    const kept = Array.isArray(content) && (STORES as readonly string[]).includes(name);
    const problem = problemIn(() => {
      if (name.length > 500) throw new RecordError('has a name longer than 500 characters');
      rows.push({ name: checkText('its name', name), content: kept ? null : toSource(content) });
    });
    if (problem !== undefined) faults.push({ store: name.slice(0, 500), index: null, id: null, problem });
  }
  return rows;
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
