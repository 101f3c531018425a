import { createHash } from 'node:crypto';
import { Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { QueryRunner } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { type MigrationState, readMigrationState } from '../database/admin.js';
import { openReader } from '../storage/open-for-command.js';
import { VERSION } from '../version.js';
import {
  type Counts,
  EXPORT_FORMAT,
  EXPORT_FORMAT_VERSION,
  type ExportEnd,
  type ExportHead,
  type ExportTable,
  MAX_LINE_BYTES,
  type Value,
} from './export-format.js';
import { readLastId } from './last-ids.js';
import { faultOf } from './row-faults.js';
import { RowStatements } from './row-statements.js';
import { TransferError } from './transfer-error.js';
import { type TransferTable, transferTables } from './transfer-tables.js';

interface Options {
  /** Called with the rows so far and all rows. */
  readonly onProgress?: (done: number, all: number) => void;
  /** Called with each row that is not in the file. */
  readonly onLeftOut?: (row: LeftOutRow) => void;
  /** What the lines go through on their way, such as gzip. */
  readonly through?: readonly Transform[];
  readonly signal?: AbortSignal;
}

/** A row that an import would refuse, so that it is left out. */
export interface LeftOutRow {
  readonly table: string;
  /** Its primary key. */
  readonly key: string;
  readonly problem: string;
}

/**
 * Writes all tables to a stream, as they are in one moment: what others write meanwhile is not in it. One row that
 * an import would refuse must not keep all others from being exported, so it is left out, with those that refer to it.
 *
 * @returns how many rows of each table
 * @throws FileError, TransferError or DatabaseUnavailableError where there is no database that can be exported
 */
export async function exportDatabase(
  config: DatabaseConfig,
  out: Writable,
  { onProgress = () => undefined, onLeftOut = () => undefined, through = [], signal }: Options = {},
): Promise<Counts> {
  const dataSource = await openReader(config);
  const runner = dataSource.createQueryRunner();
  try {
    const state = usable(await readMigrationState(dataSource));
    const rows: Record<string, number> = {};
    await beginSnapshot(runner);
    const lines = exportLines(runner, state.last ?? '', rows, { onProgress, onLeftOut });
    // Standard output is not ours to end.
    const end = (out as unknown) !== process.stdout;
    await pipeline([Readable.from(lines), ...through, out], { signal, end });
    return rows;
  } finally {
    await runner.query('ROLLBACK').catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

function usable(state: MigrationState): MigrationState {
  if (!state.isMigrated) throw new TransferError('The database is not one of Daybook: it has no migrations.');
  if (state.unknown.length > 0) {
    throw new TransferError(
      `The database was written by a newer Daybook, with the migration ${state.unknown[0]}: export it with that one.`,
    );
  }
  if (state.pending.length > 0) {
    throw new TransferError(
      'The database was written by an older Daybook: export it with that one, or start this one once, which migrates.',
    );
  }
  return state;
}

/** All lines of the file, several at a time. Counts the rows of each table in `rows`. */
async function* exportLines(
  runner: QueryRunner,
  migration: string,
  rows: Record<string, number>,
  { onProgress, onLeftOut }: Required<Pick<Options, 'onProgress' | 'onLeftOut'>>,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const hashed = (text: string): string => {
    hash.update(text);
    return text;
  };
  const tables = await transferTables();
  const readable = new ReadableRows(onLeftOut);
  let done = 0;
  let all = 0;
  for (const table of tables) all += await countRows(runner, table);

  yield hashed(
    line({ format: EXPORT_FORMAT, formatVersion: EXPORT_FORMAT_VERSION, version: VERSION, migration }),
  );
  for (const table of tables) {
    const columns = table.columns.map(({ name }) => name);
    yield hashed(line({ table: table.name, columns, lastId: await readLastId(runner, table) }));
    rows[table.name] = 0;
    for await (const page of pages(runner, table)) {
      const texts = page.flatMap((row) => readable.line(table, row) ?? []);
      yield hashed(texts.join(''));
      rows[table.name] = (rows[table.name] ?? 0) + texts.length;
      onProgress((done += page.length), all);
    }
  }
  yield line({ rows, sha256: hash.digest('hex') });
}

/** From here on the connection sees the database as it is now. */
async function beginSnapshot(runner: QueryRunner): Promise<void> {
  const postgres = runner.dataSource.options.type === 'postgres';
  await runner.query(postgres ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
}

async function countRows(runner: QueryRunner, table: TransferTable): Promise<number> {
  const [row] = await runner.query(new RowStatements(runner.dataSource, table, table.columns).count);
  return Number((row as { count: number | string }).count);
}

/** A row as the database gives it. */
type Found = Record<string, Value>;

async function* pages(runner: QueryRunner, table: TransferTable): AsyncGenerator<Found[]> {
  const statements = new RowStatements(runner.dataSource, table, table.columns);
  const [first, behind] = [statements.page(false), statements.page(true)];
  for (let last: Found | undefined; ;) {
    const key = last && table.key.map((name) => last?.[name]);
    const page = (await runner.query(key ? behind : first, key)) as Found[];
    if (page.length === 0) return;
    yield page;
    last = page.at(-1);
  }
}

/** Makes lines of the rows that an import takes, and remembers the others. */
class ReadableRows {
  private readonly leftOut = new Map<string, Set<Value>>();

  constructor(private readonly onLeftOut: (row: LeftOutRow) => void) {}

  /** Nothing for a row that is left out. */
  line(table: TransferTable, row: Found): string | undefined {
    // SQLite has no booleans of its own.
    const values = table.columns.map(({ name, kind }) => {
      const value = row[name] ?? null;
      return kind === 'boolean' && value !== null ? Boolean(value) : value;
    });
    const text = `${JSON.stringify(values)}\n`;
    const problem = faultOf(values, table.columns) ?? this.missing(table, row) ?? tooLarge(text);
    if (problem === undefined) return text;
    const key = table.key.map((column) => row[column] ?? null);
    this.onLeftOut({ table: table.name, key: key.join(', '), problem });
    const keys = this.leftOut.get(table.name) ?? new Set();
    this.leftOut.set(table.name, keys.add(key[0] ?? null));
    return undefined;
  }

  private missing({ references }: TransferTable, row: Found): string | undefined {
    const lost = references.find(({ column, table }) => this.leftOut.get(table)?.has(row[column] ?? null));
    return lost && `${lost.column} refers to a row of ${lost.table} that is left out`;
  }
}

function tooLarge(text: string): string | undefined {
  // Asked of its characters first, as that costs nothing.
  const isLarge = text.length * 3 > MAX_LINE_BYTES && Buffer.byteLength(text) > MAX_LINE_BYTES;
  return isLarge ? `it is larger than ${MAX_LINE_BYTES} bytes as JSON` : undefined;
}

const line = (value: ExportHead | ExportTable | ExportEnd): string => `${JSON.stringify(value)}\n`;
