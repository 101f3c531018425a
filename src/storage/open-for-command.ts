import { stat } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { isTransient, longReader } from '../database/admin.js';
import { FileError } from '../files/file-error.js';
import { noPostgres, openMigrated } from './migrate-storage.js';
import { storageOptions } from './storage.options.js';

/**
 * Opens a database to read all of it, without limits of time. Nothing is made and nothing is migrated.
 *
 * @throws FileError where there is no file; DatabaseUnavailableError where no PostgreSQL answers
 */
export async function openReader(config: DatabaseConfig): Promise<DataSource> {
  if (config.engine === 'sqlite') await mustBeFile(config.file);
  try {
    return await longReader(storageOptions(config));
  } catch (error) {
    if (config.engine === 'sqlite' || !isTransient(error)) throw error;
    throw noPostgres(config, error);
  }
}

/** Opens a database to write to it at length, without limits of time. It is made and migrated where that is due. */
export async function openWriter(config: DatabaseConfig): Promise<DataSource> {
  return openMigrated(config);
}

async function mustBeFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new FileError(`There is no file ${file}.`, { cause: error });
    throw error;
  });
  if (!found.isFile()) throw new FileError(`${file} is not a file.`);
}
