import type { JsonObject, StoreName } from './dump.js';

/** How many names are told one by one. */
const MAX_NAMES = 100;
/** Of a name, in UTF-16 units. */
const MAX_NAME_LENGTH = 100;

/** What the members are called that a time has. */
const OF_TIMES = ['date_time', 'time_zone'];

/** The members that Daybook reads, and of those that are objects the members of these. */
const READ: Record<StoreName, Record<string, readonly string[]>> = {
  lists: { id: [], title: [], position: [] },
  tasks: {
    id: [],
    list_id: [],
    title: [],
    completed: [],
    position: [],
    note: [],
    created_at: OF_TIMES,
    due_date: OF_TIMES,
    completed_at: OF_TIMES,
  },
  steps: { id: [], task_id: [], title: [], completed: [], position: [], created_at: OF_TIMES },
};

/** A member of which nothing is made, or an object store as a whole. */
export interface UnusedMember {
  readonly store: string;
  readonly member: string | null;
  count: number;
}

/** Counts what Daybook keeps for an export and makes nothing of. A `null` has nothing in it. */
export class UnusedMembers {
  count = 0;
  private readonly byName = new Map<string, UnusedMember>();
  private readonly inStores = new Map<string, number>();

  /** The first names, and how often each occurs. */
  get first(): UnusedMember[] {
    return [...this.byName.values()];
  }

  /** Counts the members of a record. */
  addRecord(store: StoreName, record: JsonObject): void {
    const read = READ[store];
    for (const [name, value] of Object.entries(record)) {
      if (value === null) continue;
      const own = Object.hasOwn(read, name) ? read[name] : undefined;
      if (own === undefined) this.add(store, name);
      else if (own.length > 0 && typeof value === 'object' && !Array.isArray(value)) {
        for (const [part, inside] of Object.entries(value)) {
          if (inside !== null && !own.includes(part)) this.add(store, `${name}.${part}`);
        }
      }
    }
  }

  /** Counts the records of an object store that Daybook has no table for. */
  addStore(store: string, content: unknown): void {
    const isObject = typeof content === 'object' && content !== null;
    const records = isObject ? Object.keys(content).length : Number(content !== null);
    if (records === 0) return;
    this.inStores.set(store, records);
    this.add(store, null, records);
  }

  /** Takes an object store back that is not kept. */
  removeStore(store: string): void {
    this.count -= this.inStores.get(store) ?? 0;
    this.inStores.delete(store);
    this.byName.delete(JSON.stringify([shorten(store), null]));
  }

  private add(storeName: string, memberName: string | null, times = 1): void {
    this.count += times;
    const [store, member] = [shorten(storeName), memberName === null ? null : shorten(memberName)];
    const name = JSON.stringify([store, member]);
    const known = this.byName.get(name);
    if (known) known.count += times;
    else if (this.byName.size < MAX_NAMES) this.byName.set(name, { store, member, count: times });
  }
}

const shorten = (name: string): string =>
  name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH).toWellFormed()}…`;
