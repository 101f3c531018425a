import { QueryFailedError, type QueryRunner } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import {
  commit,
  confirmFile,
  DatabaseUnavailableError,
  isRefusal,
  isTransient,
  isUnavailable,
  notify,
  OutcomeUnknownError,
} from '../database/admin.js';
import { openWriter } from '../storage/open-for-command.js';
import { explainFileFailure } from '../files/file-error.js';
import type { Counts } from './export-format.js';
import { ExportReader, type RowBatch } from './export-reader.js';
import { raiseLastId } from './last-ids.js';
import { RowStatements } from './row-statements.js';
import { TransferError } from './transfer-error.js';
import { type TransferTable, transferTables } from './transfer-tables.js';

interface Options {
  /** The database may have rows already: see RowLoader. */
  readonly merge?: boolean;
  /** Called with the bytes so far and all bytes; the file is read twice. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** What an import has done. */
export interface ImportReport {
  /** Rows by table that are in the file. */
  readonly rows: Counts;
  /** Those of them that were added; the others were there already. */
  readonly added: Counts;
}

/**
 * Takes the rows of an export into the database with their ids, all or none.
 *
 * The file is read to its end before the database is opened, so that a bad one changes nothing at all. One transaction
 * takes the rows, and others who write wait for it.
 * @throws FileError, TransferError where the file or the database cannot be used; the database is as it was
 * @throws OutcomeUnknownError where the database has not confirmed the commit
 */
export async function importFile(
  config: DatabaseConfig,
  file: string,
  { merge = false, onProgress = () => undefined, signal }: Options = {},
): Promise<ImportReport> {
  const tables = await transferTables();
  const check = new ExportReader(file, tables, (done, all) => onProgress(done, 2 * all));
  for await (const _ of check.batches(signal)) signal?.throwIfAborted();

  const dataSource = await openWriter(config);
  const runner = dataSource.createQueryRunner();
  try {
    await begin(runner, tables);
    if (!merge) await refuseFilled(runner, tables, config);
    const reader = new ExportReader(file, tables, (done, all) => onProgress(all + done, 2 * all));
    const loader = new RowLoader(runner, file, merge);
    for await (const batch of reader.batches(signal)) await loader.load(batch);
    await loader.finish();
    await commit(runner);
    confirmFile(dataSource);
    return { rows: reader.rows, added: loader.added };
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw explain(error, config);
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

function explain(error: unknown, { engine, displayUrl }: DatabaseConfig): unknown {
  if (error instanceof OutcomeUnknownError) return error;
  if (engine === 'postgres' && isTransient(error)) {
    const message = `${displayUrl} broke off, and nothing was imported: ${(error as Error).message}.`;
    return new DatabaseUnavailableError(message, { cause: error });
  }
  return explainFileFailure(error, `${displayUrl} cannot be written, and is as it was`);
}

/** Begins a transaction that nobody else writes beside, and that is on the disk when it has ended. */
async function begin(runner: QueryRunner, tables: readonly TransferTable[]): Promise<void> {
  if (runner.dataSource.options.type !== 'postgres') {
    await runner.query('PRAGMA synchronous = FULL');
    await runner.startTransaction();
    return;
  }
  await runner.startTransaction();
  await runner.query('SET LOCAL synchronous_commit = on');
  const names = tables.map(({ name }) => runner.dataSource.driver.escape(name)).join(', ');
  await runner.query(`LOCK TABLE ${names} IN SHARE ROW EXCLUSIVE MODE`);
}

async function refuseFilled(
  runner: QueryRunner,
  tables: readonly TransferTable[],
  { displayUrl }: DatabaseConfig,
): Promise<void> {
  for (const table of tables) {
    const rows = (await runner.query(new RowStatements(runner.dataSource, table, []).any)) as unknown[];
    if (rows.length > 0) {
      throw new TransferError(
        `${displayUrl} is not empty: it has ${table.name}. Import into an empty database, or add to it with --merge.`,
      );
    }
  }
}

/** Why a database refuses rows of the right form, by SQLite's code or SQLSTATE. */
const REASONS = [
  {
    codes: /^(23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/,
    reason: 'has a value that must be unique and that another row has',
  },
  { codes: /^(23503|SQLITE_CONSTRAINT_FOREIGNKEY)$/, reason: 'refers to a row that is not there' },
];

/** So many conflicts are told. */
const MAX_TOLD = 10;

/**
 * Adds rows. With `merge`, a row whose id is free is added, one that is there and equal is left, and one that is there
 * and differs is a conflict, of which one is enough for nothing to be changed.
 */
class RowLoader {
  readonly added: Record<string, number> = {};
  private readonly lastIds = new Map<TransferTable, number>();
  private readonly conflicts: string[] = [];
  private conflictCount = 0;

  constructor(
    private readonly runner: QueryRunner,
    private readonly file: string,
    private readonly merge: boolean,
  ) {}

  async load(batch: RowBatch): Promise<void> {
    const { table, columns, rows, lastId } = batch;
    this.lastIds.set(table, lastId);
    this.added[table.name] ??= 0;
    if (rows.length === 0) return;
    const statements = new RowStatements(this.runner.dataSource, table, columns);
    const json = `[${rows.join(',')}]`;
    try {
      if (this.merge) await this.findConflicts(table, statements, json);
      const sql = this.merge ? statements.insertFree : statements.insert;
      const { affected = 0 } = await this.runner.query(sql, [json], true);
      this.added[table.name] = (this.added[table.name] ?? 0) + affected;
    } catch (error) {
      throw this.explain(error, batch);
    }
  }

  /** @throws TransferError where there were conflicts */
  async finish(): Promise<void> {
    if (this.conflictCount > 0) {
      const more = this.conflictCount > MAX_TOLD ? ' and others' : '';
      throw new TransferError(
        `Nothing was imported, as ${this.conflictCount} rows of the file differ from those in the database with the ` +
          `same id: ${this.conflicts.join(', ')}${more}.`,
      );
    }
    for (const [table, lastId] of this.lastIds) await raiseLastId(this.runner, table, lastId);
    if (this.runner.dataSource.options.type === 'postgres') {
      const written = [...this.lastIds.keys()].map(({ name }) => name);
      await this.runner.query(notify(this.runner.dataSource, written));
    }
  }

  private async findConflicts(table: TransferTable, statements: RowStatements, json: string): Promise<void> {
    const found = (await this.runner.query(statements.conflicts, [json])) as Record<string, unknown>[];
    this.conflictCount += found.length;
    for (const key of found.slice(0, MAX_TOLD - this.conflicts.length)) {
      this.conflicts.push(`${table.name} ${Object.values(key).join('/')}`);
    }
  }

  private explain(error: unknown, { table, rows, line }: RowBatch): unknown {
    if (!(error instanceof QueryFailedError) || !isRefusal(error) || isUnavailable(error)) return error;
    const { code } = error.driverError as { code?: string };
    const reason = REASONS.find(({ codes }) => codes.test(code ?? ''))?.reason;
    const lines = `the lines ${line} to ${line + rows.length - 1} of ${this.file}`;
    return new TransferError(
      reason === undefined
        ? `Nothing was imported: the database refuses ${lines}: ${error.message}.`
        : `Nothing was imported: one of the ${table.name} in ${lines} ${reason}.`,
    );
  }
}
