import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { migrations } from './migrations.js';

/** Any number, the same in every Daybook. */
const POSTGRES_LOCK = 20_251_124;

/** The database cannot be used as it is. The message is for the person who started the service. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings the schema up to date. Processes that start at once wait for the one that migrates.
 *
 * All of it happens in one transaction, which is also the lock: BEGIN IMMEDIATE on SQLite, an advisory lock
 * on PostgreSQL. A failed migration leaves the database as it was.
 * @throws MigrationError when a newer Daybook has written the database
 */
export async function migrate(writer: DataSource): Promise<void> {
  const runner = writer.createQueryRunner();
  // SQLite's foreign keys must be off while a table is rebuilt, or its children are deleted with the old one;
  // inside a transaction the switch does nothing.
  await runner.beforeMigration();
  try {
    await runner.startTransaction();
    await runPending(writer, runner);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.afterMigration();
    await runner.release();
  }
}

async function runPending(writer: DataSource, runner: QueryRunner): Promise<void> {
  if (writer.options.type === 'postgres') {
    // Another process may take its time, and so may a migration.
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query('SELECT pg_advisory_xact_lock($1)', [POSTGRES_LOCK]);
  }
  const executor = new MigrationExecutor(writer, runner);
  // 'all' leaves the transaction to us, as one is open.
  executor.transaction = 'all';
  refuseNewer(await executor.getExecutedMigrations());
  await executor.executePendingMigrations();
}

function refuseNewer(executed: { name: string }[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = executed.find(({ name }) => !known.has(name));
  if (unknown) {
    throw new MigrationError(
      `The database was written by a newer Daybook: it has the migration ${unknown.name}, which this one does ` +
        'not know. Start that version, or restore a backup from before it.',
    );
  }
}
