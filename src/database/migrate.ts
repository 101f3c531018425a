import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type DataSource, MigrationExecutor, QueryFailedError, type QueryRunner } from 'typeorm';
import { codeOf, isBusy, isLockTimeout, isRefusal, isSerializationFailure, isTransient } from './errors.js';
import { commit } from './long-sources.js';
import { raiseSequences, readSequences } from './sqlite/sequences.js';
import { whileBusy } from './sqlite/while-busy.js';

const logger = new Logger('Database');

/** Any number, the same in all versions. */
const POSTGRES_LOCK = 20_251_124;

/** How long a migration waits for locks of PostgreSQL, in milliseconds. */
export interface LockWaits {
  /** For one lock, after which the transaction is rolled back: whoever needs the table waits behind it meanwhile. */
  readonly lockMs: number;
  /** Between two tries, for those who waited. */
  readonly pauseMs: number;
  /** For the tables, over all tries. */
  readonly limitMs: number;
  /** For another process that migrates: it may rewrite large tables. */
  readonly otherLimitMs: number;
}

const LOCK_WAITS: LockWaits = { lockMs: 2_000, pauseMs: 1_000, limitMs: 60_000, otherLimitMs: 3_600_000 };

const CANCELLED = 'PostgreSQL has cancelled it, as somebody has told it to: start again.';

/** A line of the log for so many tries. */
const TRIES_A_LINE = 10;

/** The database cannot be used as it is. The message is for the person who started the service. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings the schema up to date. Processes that start at once wait for the one that migrates.
 *
 * @throws MigrationError when a newer version has written the database, a migration fails, or a lock is not to be had
 */
export async function migrate(dataSource: DataSource, waits?: LockWaits): Promise<void> {
  const change = (executor: MigrationExecutor) => executor.executePendingMigrations();
  await whileBusy(() => changeSchema(dataSource, change, waits));
}

/** Takes the last migration back. @throws MigrationError as migrate() does */
export async function revertMigration(dataSource: DataSource): Promise<void> {
  await changeSchema(dataSource, (executor) => executor.undoLastMigration());
}

/**
 * All of it happens in one transaction, which is also the lock: BEGIN IMMEDIATE on SQLite, an advisory lock on
 * PostgreSQL. Where it fails, the database is as it was; where it fails for a lock, it is tried again.
 * A COMMIT that is not confirmed is an OutcomeUnknownError.
 */
async function changeSchema(
  dataSource: DataSource,
  change: (executor: MigrationExecutor) => Promise<unknown>,
  waits = LOCK_WAITS,
) {
  const begin = performance.now();
  for (let tries = 0; ; tries += 1) {
    const attempt = { isAlone: false, hasBegun: false };
    try {
      return await attemptChange(dataSource, change, waits, attempt);
    } catch (error) {
      if (!isLockTimeout(error) && !isSerializationFailure(error)) throw error;
      const { isAlone } = attempt;
      const who = isAlone ? 'connections that hold locks of its tables' : 'another process that migrates';
      if (performance.now() - begin > (isAlone ? waits.limitMs : waits.otherLimitMs)) {
        throw new MigrationError(
          `The schema could not be changed and is as it was: gave up waiting for ${who}. ` +
            'End what pg_stat_activity shows of it, and start again.',
          { cause: error },
        );
      }
      if (tries % TRIES_A_LINE === 0) logger.warn(`Migrating waits for ${who}.`);
      if (isAlone) await delay(waits.pauseMs);
    }
  }
}

async function attemptChange(
  dataSource: DataSource,
  change: (executor: MigrationExecutor) => Promise<unknown>,
  { lockMs }: LockWaits,
  attempt: { isAlone: boolean; hasBegun: boolean },
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  // SQLite's foreign keys must be off while a table is rebuilt, or its children are deleted with the old one.
  // Inside a transaction the switch does nothing, which is where TypeORM's own command for a revert turns it.
  await runner.beforeMigration();
  try {
    await runner.startTransaction();
    if (dataSource.options.type === 'postgres') {
      await runner.query(`SET LOCAL lock_timeout = ${lockMs}`);
      await runner.query('SELECT pg_advisory_xact_lock($1)', [POSTGRES_LOCK]);
      attempt.isAlone = true;
    }
    const executor = new MigrationExecutor(dataSource, runner);
    // 'all' leaves the transaction to us, as one is open.
    executor.transaction = 'all';
    refuseNewer(dataSource, await executor.getExecutedMigrations());
    // A table of SQLite that is rebuilt forgets where its ids are, and would give those of deleted rows again.
    const sequences = isSqlite(runner) ? await readSequences(runner) : [];
    attempt.hasBegun = true;
    await change(executor);
    if (isSqlite(runner)) await raiseSequences(runner, sequences);
    await commit(runner);
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    if (!(error instanceof QueryFailedError) || maySucceed(error, attempt)) throw error;
    const reason = codeOf(error) === '57014' ? `${CANCELLED} (${error.message})` : error.message;
    throw new MigrationError(`The schema could not be changed and is as it was: ${reason}`, { cause: error });
  } finally {
    await runner.afterMigration();
    await runner.release();
  }
}

/** A migration may rewrite tables for minutes: one that was refused would only be refused again. */
function maySucceed(error: QueryFailedError, { hasBegun }: { hasBegun: boolean }): boolean {
  if (isLockTimeout(error) || isSerializationFailure(error) || isBusy(error)) return true;
  return isTransient(error) && !(hasBegun && isRefusal(error));
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
