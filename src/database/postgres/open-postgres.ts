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
  const migrator = await connect(config, () => new DataSource(migrationOptions(config)));
  await migrate(migrator).finally(() => migrator.destroy());
  const writer = await connect(config, () => new DataSource(writerOptions(config)));
  const reader = await connect(config, () => new DataSource(readerOptions(config)));
  const changes = new PostgresChanges(reader, config.url);
  const units = new SerializableTransactions(writer, changes, config);
  return { reader, writer, units, changes, housekeeping: new PostgresHousekeeping(config.url) };
}

async function connect(config: DatabaseConfig, create: () => DataSource): Promise<DataSource> {
  const end = Date.now() + config.connectSeconds * 1_000;
  for (;;) {
    try {
      return await create().initialize();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (Date.now() > end) {
        throw new DatabaseUnavailableError(
          `No PostgreSQL answers at ${config.displayUrl}: see DATABASE_URL.`,
          {
            cause: error,
          },
        );
      }
      new Logger('Database').warn(`Waiting for PostgreSQL at ${config.displayUrl}`);
      await delay(1_000);
    }
  }
}
