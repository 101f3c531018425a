import type { EventEmitter } from 'node:events';
import type { Database } from 'better-sqlite3';
import type { DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { entities } from '../schema/entities.js';
import { migrations } from '../schema/migrations.js';
import { ImmediateDatabase } from './sqlite/immediate-database.js';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './sqlite/pragmas.js';

const common = {
  entities,
  synchronize: false,
  // SQL and parameters hold what people wrote: they are nobody's business but the database's.
  logging: false,
} as const;

/** The connection that changes the schema, also for TypeORM's command line. It may take its time. */
export function migrationOptions(config: DatabaseConfig): DataSourceOptions {
  const options = { ...common, migrations, migrationsTransactionMode: 'all' } as const;
  return config.engine === 'sqlite'
    ? {
        ...options,
        type: 'better-sqlite3',
        database: config.file,
        driver: ImmediateDatabase,
        prepareDatabase: (database: Database) => prepare(database, WRITER_PRAGMAS),
      }
    : { ...options, ...postgres(config) };
}

/** PostgreSQL's connections for units of work. (SQLite has one that writes, the one that has migrated.) */
export function writerOptions(config: DatabaseConfig): DataSourceOptions {
  // A server set to answer before its log is on the disk would break the promise that a success is kept.
  return { ...common, ...postgres(config), extra: pool(config, '-c synchronous_commit=on') };
}

/** The connections for reads outside a unit of work: a write through them fails. */
export function readerOptions(config: DatabaseConfig): DataSourceOptions {
  return config.engine === 'sqlite'
    ? {
        ...common,
        type: 'better-sqlite3',
        database: config.file,
        readonly: true,
        fileMustExist: true,
        prepareDatabase: (database: Database) => prepare(database, READER_PRAGMAS),
      }
    : { ...common, ...postgres(config), extra: pool(config) };
}

/** One connection for a command that reads for as long as it takes. */
export function longReaderOptions(config: DatabaseConfig): DataSourceOptions {
  return config.engine === 'sqlite' ? readerOptions(config) : { ...common, ...postgres(config) };
}

function prepare(database: Database, pragmas: readonly string[]): void {
  for (const pragma of pragmas) database.pragma(pragma);
}

function postgres(config: DatabaseConfig) {
  return {
    type: 'postgres',
    url: config.url,
    poolSize: config.poolSize,
    applicationName: 'daybook',
    // pg tells of an idle connection that breaks; the pool replaces it, and a statement that meets it fails.
    poolErrorHandler: () => undefined,
  } as const;
}

/** Settings that TypeORM hands on to pg (node-postgres.com/apis/client). Times are in milliseconds. */
function pool(config: DatabaseConfig, options = '') {
  return {
    // Units of work say themselves that they write: nothing else does.
    options: `-c default_transaction_read_only=on ${options}`,
    // A statement need not wait for the answer to the one before it.
    pipeline: true,
    // The pool listens only while it has the connection, and an error that nobody hears ends the process. Whoever runs a
    // query on it is told anyway.
    onConnect: (client: EventEmitter) => void client.on('error', () => undefined),
    keepAlive: true,
    connectionTimeoutMillis: config.writeWaitMs,
    statement_timeout: config.writeLimitMs,
    // For a server that does not answer at all, where the network swallows what is sent. Reads that share a connection
    // have it together.
    query_timeout: config.writeLimitMs + 1_000,
    // Ends the connection, so it is for the transaction of a process that hangs: ours end before.
    idle_in_transaction_session_timeout: 2 * config.writeLimitMs + 1_000,
  };
}
