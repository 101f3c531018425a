import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { DatabaseUnavailableError, isRefusal, isTransient, longSource, migrate } from '../database/admin.js';
import { requirePostgres } from './postgres-setup.js';
import { storageOptions } from './storage.options.js';

const logger = new Logger('Database');

/** Migrates the database of the settings. An SQLite file is created where there is none. */
export async function migrateStorage(config: DatabaseConfig): Promise<void> {
  await (await openMigrated(config)).destroy();
}

/** The same. Resolves to the connections that have migrated it, which know no limit of time. */
export async function openMigrated(config: DatabaseConfig): Promise<DataSource> {
  const end = performance.now() + config.connectSeconds * 1_000;
  for (;;) {
    try {
      return await open(config, migrate, config.connectSeconds > 0 ? end - performance.now() : undefined);
    } catch (error) {
      if (config.engine === 'sqlite' || !isTransient(error)) throw error;
      // What a server has answered has advice of its own.
      if (performance.now() >= end) throw isRefusal(error) ? error : noPostgres(config, error);
      // It may be starting, or about to be promoted.
      logger.warn(`Waiting for PostgreSQL at ${config.displayUrl}: ${reasonOf(error)}`);
      await delay(1_000);
    }
  }
}

/** For one try to connect: over a slow network it takes some time, however little is left. */
const LEAST_CONNECT_MS = 1_000;

/** Connects to a database that can be used, within the time that is left, and changes its schema. */
export async function open(
  config: DatabaseConfig,
  change: (dataSource: DataSource) => Promise<void>,
  leftMs = Infinity,
): Promise<DataSource> {
  const dataSource = await longSource(storageOptions(config), Math.max(leftMs, LEAST_CONNECT_MS));
  try {
    await requirePostgres(dataSource, config);
    await change(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** What is told where no server answers, or none that can do it. */
export function noPostgres(config: DatabaseConfig, cause: unknown): DatabaseUnavailableError {
  if (cause instanceof DatabaseUnavailableError) return cause;
  return new DatabaseUnavailableError(`No PostgreSQL answers at ${config.displayUrl}: see DATABASE_URL.`, {
    cause,
  });
}

/** In a few words; Node's own for several addresses of a host has none. */
function reasonOf(error: unknown): string {
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error ? one.message : String(one);
}
