import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { migrate, revertMigration } from '../database/admin.js';
import { explainFailure } from '../explain-failure.js';
import { open } from './migrate-storage.js';

/** `npm run migration:run` and `migration:revert`. They refuse a database of a newer version, wait for
 * others that migrate, and keep SQLite's ids, which TypeORM's own commands do not. */
const commands: Record<string, (dataSource: DataSource) => Promise<void>> = {
  run: migrate,
  revert: revertMigration,
};

try {
  const command = commands[process.argv[2] ?? ''];
  if (!command) throw new Error('Say run or revert.');
  await (await open(readConfig(DatabaseConfig), command)).destroy();
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}
