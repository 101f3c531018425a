import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { DataSource, type QueryRunner } from 'typeorm';
import type { DatabaseConfig } from '../../config/database.config.js';
import { migrationOptions, readerOptions } from '../data-source.options.js';
import { isBusy } from '../database-errors.js';
import { migrate, MigrationError } from '../migrate.js';
import type { OpenDatabase } from '../open-database.js';
import { SqliteChanges } from './sqlite-changes.js';
import { SqliteHousekeeping } from './sqlite-housekeeping.js';
import { type SyncFile, WalSync } from './wal-sync.js';
import { WriteLane } from './write-lane.js';

const START_LIMIT_MS = 60_000;

/**
 * Opens and migrates the SQLite file, which is created where there is none.
 *
 * @param syncFile stands in for the sync of the disk in tests
 */
export async function openSqlite(config: DatabaseConfig, syncFile?: SyncFile): Promise<OpenDatabase> {
  const writer = await migrateSqlite(config);
  const database = connectionOf(writer);
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') {
    throw new MigrationError(
      'The file system of the SQLite file has no shared memory, which WAL mode needs.',
    );
  }
  // From here on the write lane waits for locks, and never on the event loop.
  database.pragma('busy_timeout = 0');

  const reader = await new DataSource(readerOptions(config)).initialize();
  const walSync = new WalSync(`${config.file}-wal`, syncFile && { sync: syncFile });
  const changes = new SqliteChanges(reader, database);
  const units = new WriteLane(queryRunners(writer), database, walSync, changes, config);
  // Better than at the first request: a file that is read-only, or on a disk that cannot sync.
  await units.probe();
  const housekeeping = new SqliteHousekeeping(config.file, database, units);
  return { reader, writer, units, changes, housekeeping };
}

/** Migrates the SQLite file, which is created where there is none. Resolves to the connection that has. */
export async function migrateSqlite(config: DatabaseConfig): Promise<DataSource> {
  const writer = new DataSource(migrationOptions(config));
  await whileBusy(async () => {
    if (!writer.isInitialized) await writer.initialize();
    await migrate(writer);
  });
  return writer;
}

/** The connection behind TypeORM's. */
export function connectionOf(dataSource: DataSource): Database {
  return (dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection;
}

/**
 * Makes a query runner at each call, where TypeORM gives the same one each time on SQLite. They share the
 * statements that TypeORM has prepared, which belong to the connection.
 */
function queryRunners(dataSource: DataSource): () => QueryRunner {
  const stmtCache = new Map();
  return () => {
    const runner = dataSource.createQueryRunner();
    Object.assign(dataSource.driver, { queryRunner: undefined });
    return Object.assign(runner, { stmtCache });
  };
}

/** Other processes may be starting on the same file, and some of what they do answers "busy" at once. */
async function whileBusy(work: () => Promise<void>): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
      await delay(10 + Math.random() * 40);
    }
  }
}
