import type { Database } from 'better-sqlite3';
import type { PoolConfig } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { commandSettings } from './postgres/connection-settings.js';
import { ImmediateDatabase } from './sqlite/immediate-database.js';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './sqlite/pragmas.js';
import { whileBusy } from './sqlite/while-busy.js';
import { connectionOf } from './typeorm-internals.js';

/** For a PostgreSQL that accepts a connection, and then says nothing. */
const CONNECT_LIMIT_MS = 10_000;

/** Connects TypeORM's own DataSource, for a command that may take its time. An SQLite file is made where there is none. */
export async function longSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(
    options.type === 'better-sqlite3'
      ? { ...options, driver: ImmediateDatabase, prepareDatabase: setUpWriter }
      : ofCommand(options),
  );
  await whileBusy(() => dataSource.initialize());
  return dataSource;
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
      : ofCommand(options);
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

/** It has a name of its own, as nobody waits for a transaction of it as for those of the service, which end in time. */
function ofCommand(options: DataSourceOptions): DataSourceOptions {
  if (options.type !== 'postgres') return options;
  const extra = (options.extra ?? {}) as PoolConfig;
  return {
    connectTimeoutMS: CONNECT_LIMIT_MS,
    ...options,
    // `applicationName` itself is also the name of the channel on which changes are told.
    extra: { ...commandSettings(options.applicationName), ...extra },
  };
}

const setUp = (pragmas: readonly string[]) => (database: Database) => {
  for (const pragma of pragmas) database.pragma(pragma);
};
