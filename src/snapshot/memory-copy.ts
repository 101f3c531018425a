import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';

/** An empty database, to begin with. */
const EMPTY = emptyDatabase();

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
 * Copies the tables and the full-text index of an SQLite file into an empty database, and makes that read-only.
 *
 * Neither SQLite's backup nor its deserialize, as better-sqlite3 has them: the first writes to files only, and the
 * second wants the whole file in a Buffer besides, which is three times the file in a swap.
 * Between two tables other work gets its turn.
 * @throws SqliteError where the file is none of SQLite's, or damaged
 */
export async function copyIntoMemory(
  file: string,
  memory: Database.Database,
  check: (disk: Database.Database) => void,
): Promise<void> {
  memory.pragma('journal_mode = OFF');
  // In KiB when negative. All is in memory: what the cache holds, it holds twice.
  memory.pragma('cache_size = -2048');
  // Waiting for a lock would stop the event loop.
  memory.pragma('busy_timeout = 0');
  memory.prepare('ATTACH ? AS disk').run(file);
  memory.unsafeMode();
  memory.exec('BEGIN');
  check(memory);
  const objects = memory
    .prepare<[], SchemaRow>("SELECT * FROM disk.sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'index'")
    .all();
  for (const { type, name, sql } of objects.filter((object) => !isVirtual(object))) {
    memory.exec(sql);
    if (type !== 'table') continue;
    const [{ quick_check: found = '' } = {}] = memory.pragma(`disk.quick_check('${name}')`) as QuickCheck[];
    if (found !== 'ok') throw new Database.SqliteError(found, 'SQLITE_CORRUPT');
    memory.exec(`INSERT INTO main."${name}" SELECT * FROM disk."${name}"`);
    await nextTurn();
  }
  // A virtual table is only its line in the schema, and tables that are here already: as in SQLite's own .dump.
  memory.pragma('writable_schema = ON');
  const line = memory.prepare('INSERT INTO main.sqlite_schema VALUES (:type, :name, :tbl_name, 0, :sql)');
  for (const { type, name, tbl_name, sql } of objects.filter(isVirtual))
    line.run({ type, name, tbl_name, sql });
  memory.exec('COMMIT');
  memory.pragma('writable_schema = RESET');
  memory.exec('DETACH disk');
  memory.unsafeMode(false);
  memory.pragma('query_only = ON');
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string;
}

interface QuickCheck {
  readonly quick_check?: string;
}

const isVirtual = ({ sql }: SchemaRow): boolean => /^CREATE VIRTUAL/i.test(sql);

function emptyDatabase(): Buffer {
  const database = new Database(':memory:');
  // Without a first page there is nothing to serialize.
  database.pragma('user_version = 1');
  const bytes = database.serialize();
  database.close();
  return bytes;
}
