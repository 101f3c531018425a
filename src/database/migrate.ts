import { type DataSource, MigrationExecutor, QueryFailedError, type QueryRunner } from 'typeorm';
import { isBusy, isUnavailable } from './errors.js';
import { raiseSequences, readSequences } from './sqlite/sequences.js';
import { whileBusy } from './sqlite/while-busy.js';

/** Any number, the same in all versions. */
const POSTGRES_LOCK = 20_251_124;

/** The database cannot be used as it is. The message is for the person who started the service. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings the schema up to date. Processes that start at once wait for the one that migrates.
 *
 * @throws MigrationError when a newer version has written the database, or a migration fails
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  await whileBusy(() => changeSchema(dataSource, (executor) => executor.executePendingMigrations()));
}

/** Takes the last migration back. @throws MigrationError as migrate() does */
export async function revertMigration(dataSource: DataSource): Promise<void> {
  await changeSchema(dataSource, (executor) => executor.undoLastMigration());
}

/**
 * All of it happens in one transaction, which is also the lock: BEGIN IMMEDIATE on SQLite, an advisory lock on
 * PostgreSQL. Where it fails, the database is as it was.
 */
async function changeSchema(
  dataSource: DataSource,
  change: (executor: MigrationExecutor) => Promise<unknown>,
) {
  const runner = dataSource.createQueryRunner();
  // SQLite's foreign keys must be off while a table is rebuilt, or its children are deleted with the old one.
  // Inside a transaction the switch does nothing, which is where TypeORM's own command for a revert turns it.
  await runner.beforeMigration();
  try {
    await runner.startTransaction();
    if (dataSource.options.type === 'postgres') {
      await runner.query('SELECT pg_advisory_xact_lock($1)', [POSTGRES_LOCK]);
    }
    const executor = new MigrationExecutor(dataSource, runner);
    // 'all' leaves the transaction to us, as one is open.
    executor.transaction = 'all';
    refuseNewer(dataSource, await executor.getExecutedMigrations());
    // A table of SQLite that is rebuilt forgets where its ids are, and would give those of deleted rows again.
    const sequences = isSqlite(runner) ? await readSequences(runner) : [];
    await change(executor);
    if (isSqlite(runner)) await raiseSequences(runner, sequences);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    if (!(error instanceof QueryFailedError) || isBusy(error) || isUnavailable(error)) throw error;
    throw new MigrationError(`The schema could not be changed and is as it was: ${error.message}`, {
      cause: error,
    });
  } finally {
    await runner.afterMigration();
    await runner.release();
  }
}

function isSqlite(runner: QueryRunner): boolean {
  return runner.dataSource.options.type === 'better-sqlite3';
}

function refuseNewer({ migrations }: DataSource, executed: { name: string }[]): void {
  const known = new Set(migrations.map((migration) => migration.name ?? migration.constructor.name));
  const unknown = executed.find(({ name }) => !known.has(name));
  if (unknown) {
    throw new MigrationError(
      `The database was written by a newer version: it has the migration ${unknown.name}, which this one does not ` +
        'know. Start that version, or restore a backup from before it.',
    );
  }
}
