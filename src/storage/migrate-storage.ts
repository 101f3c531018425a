import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { DatabaseUnavailableError, isUnavailable, longSource, migrate } from '../database/admin.js';
import { storageOptions } from './storage.options.js';

/** Migrates the database of the settings. An SQLite file is created where there is none. */
export async function migrateStorage(config: DatabaseConfig): Promise<void> {
  await (await openMigrated(config)).destroy();
}

/** The same. Resolves to the connections that have migrated it, which know no limit of time. */
export async function openMigrated(config: DatabaseConfig): Promise<DataSource> {
  const dataSource = await connect(config);
  try {
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** Waits for a PostgreSQL that is still starting. */
async function connect(config: DatabaseConfig): Promise<DataSource> {
  const end = performance.now() + config.connectSeconds * 1_000;
  for (;;) {
    try {
      return await longSource(storageOptions(config));
    } catch (error) {
      if (config.engine === 'sqlite' || !isUnavailable(error)) throw error;
      if (performance.now() > end) throw noPostgres(config, error);
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
