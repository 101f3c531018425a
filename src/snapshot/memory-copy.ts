import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type SchemaRow, SNAPSHOT_OBJECTS } from './snapshot-format.js';

/** An empty database, to begin with. */
const EMPTY = emptyDatabase();

/** How many rows are copied before other work gets its turn: some milliseconds. */
const ROWS_A_TURN = 500;

/** A file that is checked in some 10 ms. Another thread would take four times as long to begin, and 8 MiB of memory. */
const SMALL_BYTES = 2 * 1_048_576;

/** How often, and for how long, a file is tried that another process has locked. */
const LOCKED_PAUSE_MS = 100;
const LOCKED_TRIES = 50;

/**
 * A better-sqlite3 connection to a database in memory, all of it in one block, which goes back to the system when it
 * is closed. The pages of SQLite's own ":memory:" would stay in the heap of the process.
 */
export class MemoryDatabase extends Database {
  constructor(_name: string, options: Database.Options) {
    super(EMPTY, options);
  }
}

/**
 * Verifies an SQLite file and copies a snapshot's tables and its full-text index, and nothing else of it, into an
 * empty database, and makes that read-only.
 *
 * Neither SQLite's backup nor its deserialize, as better-sqlite3 has them: the first writes to files only, and the
 * second wants the whole file in a Buffer besides, which is three times the file in a swap.
 * @param check called with the file attached as `disk`, before anything is copied
 * @throws SqliteError where the file is none of SQLite's, or damaged
 */
export async function copyIntoMemory(
  file: string,
  memory: Database.Database,
  check: () => void,
): Promise<void> {
  memory.pragma('journal_mode = OFF');
  // In KiB when negative. All is in memory: what the cache holds, it holds twice.
  memory.pragma('cache_size = -2048');
  // Waiting for a lock would stop the event loop.
  memory.pragma('busy_timeout = 0');
  await whenUnlocked(() => memory.prepare('ATTACH ? AS disk').run(file));
  memory.unsafeMode();
  memory.exec('BEGIN');
  // The first that is read. From here to the end nobody can write to the file.
  await whenUnlocked(() => memory.pragma('disk.schema_version'));
  check();
  await verify(file, memory);
  for (const table of SNAPSHOT_OBJECTS.filter(({ sql }) => !isVirtual(sql))) await copyTable(table, memory);
  // A virtual table is only its line in the schema, and tables that are here already: as in SQLite's own .dump.
  memory.pragma('writable_schema = ON');
  const line = memory.prepare('INSERT INTO main.sqlite_schema VALUES (:type, :name, :tbl_name, 0, :sql)');
  for (const row of SNAPSHOT_OBJECTS.filter(({ sql }) => isVirtual(sql))) line.run(row);
  memory.exec('COMMIT');
  memory.pragma('writable_schema = RESET');
  memory.exec('DETACH disk');
  memory.unsafeMode(false);
  memory.pragma('query_only = ON');
}

/** Copies a table, in steps where it may be large. */
async function copyTable({ name, sql }: SchemaRow, memory: Database.Database): Promise<void> {
  memory.exec(sql);
  if (/WITHOUT ROWID/i.test(sql)) {
    memory.exec(`INSERT INTO main."${name}" SELECT * FROM disk."${name}"`);
    await nextTurn();
    return;
  }
  // Its first column is its rowid, and SQLite's own number of the last row that was inserted.
  const copy = memory.prepare(
    `INSERT INTO main."${name}" SELECT * FROM disk."${name}" WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_A_TURN}`,
  );
  for (let last: number | bigint = -1; ;) {
    const { changes, lastInsertRowid } = copy.run(last);
    await nextTurn();
    if (changes < ROWS_A_TURN) return;
    last = lastInsertRowid;
  }
}

/** Checks the whole file. A large one in another thread: it takes some hundred milliseconds for some ten megabytes. */
async function verify(file: string, memory: Database.Database): Promise<void> {
  const { code, message } =
    (await stat(file)).size > SMALL_BYTES ? await verifyInThread(file) : verifyHere(memory);
  if (message !== undefined) throw new Database.SqliteError(message, code ?? '');
}

function verifyHere(memory: Database.Database): Answer {
  const found = memory.pragma('disk.quick_check(1)', { simple: true }) as string;
  return found === 'ok' ? {} : { code: 'SQLITE_CORRUPT', message: found };
}

async function verifyInThread(file: string): Promise<Answer> {
  const worker = new Worker(new URL('verify-file.mjs', import.meta.url), { workerData: file });
  const [answer] = (await Promise.race([once(worker, 'message'), once(worker, 'exit')])) as [Answer | number];
  if (typeof answer === 'number') throw new Error('the thread that verifies it has ended early');
  return answer;
}

/** What verify-file.mjs has found: nothing wrong where there is no message. */
interface Answer {
  readonly code?: string;
  readonly message?: string;
}

/** Does something with a file as soon as no other process has it locked. @throws SqliteError where that is too long */
async function whenUnlocked(work: () => unknown): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || tries === LOCKED_TRIES) throw error;
      await delay(LOCKED_PAUSE_MS);
    }
  }
}

const isVirtual = (sql: string): boolean => /^CREATE VIRTUAL/i.test(sql);

function emptyDatabase(): Buffer {
  const database = new Database(':memory:');
  // Without a first page there is nothing to serialize.
  database.pragma('user_version = 1');
  const bytes = database.serialize();
  database.close();
  return bytes;
}
