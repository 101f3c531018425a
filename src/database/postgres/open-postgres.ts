import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../../config/database.config.js';
import { migrationOptions, readerOptions, writerOptions } from '../data-source.options.js';
import { DatabaseUnavailableError, isUnavailable } from '../database-errors.js';
import { migrate } from '../migrate.js';
import type { OpenDatabase } from '../open-database.js';
import { PostgresChanges } from './postgres-changes.js';
import { PostgresHousekeeping } from './postgres-housekeeping.js';
import { SerializableTransactions } from './serializable-transactions.js';

/** Connects to PostgreSQL and migrates. Waits for a server that is still starting. */
export async function openPostgres(config: DatabaseConfig): Promise<OpenDatabase> {
  await (await migratePostgres(config)).destroy();
  const writer = await connect(config, () => new DataSource(writerOptions(config)));
  const reader = await connect(config, () => new DataSource(readerOptions(config)));
  const changes = new PostgresChanges(reader, config.url);
  const units = new SerializableTransactions(writer, changes, config);
  return { reader, writer, units, changes, housekeeping: new PostgresHousekeeping(config.url) };
}

/** Waits for PostgreSQL and migrates. Resolves to the connections that have, which know no limit of time. */
export async function migratePostgres(config: DatabaseConfig): Promise<DataSource> {
  const migrator = await connect(config, () => new DataSource(migrationOptions(config)));
  try {
    await migrate(migrator);
    return migrator;
  } catch (error) {
    await migrator.destroy();
    throw error;
  }
}

async function connect(config: DatabaseConfig, create: () => DataSource): Promise<DataSource> {
  const end = Date.now() + config.connectSeconds * 1_000;
  for (;;) {
    try {
      return await create().initialize();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (Date.now() > end) {
        throw noPostgres(config, error);
      }
      new Logger('Database').warn(`Waiting for PostgreSQL at ${config.displayUrl}`);
      await delay(1_000);
    }
  }
}

/** What is told where no server answers. */
export function noPostgres(config: DatabaseConfig, cause: unknown): DatabaseUnavailableError {
  return new DatabaseUnavailableError(`No PostgreSQL answers at ${config.displayUrl}: see DATABASE_URL.`, {
    cause,
  });
}
