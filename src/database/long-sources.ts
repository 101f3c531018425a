import type { Database } from 'better-sqlite3';
import type { PoolClient, PoolConfig } from 'pg';
import { AbstractLogger, DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { ofWrite } from './errors.js';
import { commandSettings } from './postgres/connection-settings.js';
import { refuseUnreplicated } from './postgres/unreplicated.js';
import { ImmediateDatabase } from './sqlite/immediate-database.js';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './sqlite/pragmas.js';
import { whileBusy } from './sqlite/while-busy.js';
import { connectionOf } from './typeorm-internals.js';

/** For a PostgreSQL that accepts a connection, and then says nothing. */
const CONNECT_LIMIT_MS = 10_000;

/** Limits of time that a server, a database or a role may have. Not every version has each, so it is asked for its own. */
const NO_LIMITS = `
  SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN
    ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout')`;

/** TypeORM prints a migration that fails whatever `logging` says; the error itself tells it. */
class Silence extends AbstractLogger {
  protected override writeLog(): void {}
}

/** Connects TypeORM's own DataSource, for a command that may take its time. An SQLite file is made where there is none. */
export async function longSource(
  options: DataSourceOptions,
  connectMs = CONNECT_LIMIT_MS,
): Promise<DataSource> {
  const dataSource = new DataSource(
    options.type === 'better-sqlite3'
      ? { ...options, driver: ImmediateDatabase, prepareDatabase: setUpWriter, logger: new Silence() }
      : { ...withoutLimits(options, connectMs), logger: new Silence() },
  );
  await whileBusy(() => dataSource.initialize());
  return dataSource;
}

/**
 * Commits the transaction of a long source.
 *
 * @throws OutcomeUnknownError where the database has not confirmed it
 */
export async function commit(runner: QueryRunner): Promise<void> {
  await runner.commitTransaction().catch((error: unknown) => {
    throw ofWrite(error);
  });
}

/**
 * Whether what a long source has committed is in the file of its name.
 *
 * @throws DatabaseUnavailableError where that was removed or replaced meanwhile
 */
export function confirmFile(dataSource: DataSource): void {
  if (dataSource.options.type === 'better-sqlite3') filesOf(connectionOf(dataSource)).check();
}

/** Connects, to read: nothing is made, and nothing can be written on SQLite. */
export async function longReader(options: DataSourceOptions): Promise<DataSource> {
  const reading =
    options.type === 'better-sqlite3'
      ? { ...options, readonly: true, fileMustExist: true, prepareDatabase: setUp(READER_PRAGMAS) }
      : withoutLimits(options);
  return new DataSource(reading).initialize();
}

function setUpWriter(database: Database): void {
  const files = filesOf(database);
  try {
    setUp(WRITER_PRAGMAS)(database);
    files.addLog();
  } finally {
    // Where it waited for a lock, as for that of a restore, there may be another by now.
    files.check();
  }
}

const filesOf = (database: Database) => (database as ImmediateDatabase).files;

/**
 * Without limits of time on PostgreSQL, but for connecting. It has a name of its own, as nobody waits for a transaction of
 * it as for those of the service, which end in time.
 */
function withoutLimits(options: DataSourceOptions, connectMs = CONNECT_LIMIT_MS): DataSourceOptions {
  if (options.type !== 'postgres') return options;
  const extra = (options.extra ?? {}) as PoolConfig;
  const onConnect = async (client: PoolClient) => {
    refuseUnreplicated(client);
    await client.query(NO_LIMITS);
    const own: unknown = extra.onConnect?.(client);
    await own;
  };
  const connectTimeoutMS = Math.ceil(Math.min(connectMs, CONNECT_LIMIT_MS));
  // `applicationName` itself is also the name of the channel on which changes are told.
  const named = commandSettings(options.applicationName);
  return { connectTimeoutMS, ...options, extra: { ...named, ...extra, onConnect } };
}

const setUp = (pragmas: readonly string[]) => (database: Database) => {
  for (const pragma of pragmas) database.pragma(pragma);
};
