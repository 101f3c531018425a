import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Finding, anyFails } from '../checks/finding.js';
import { verifyDatabase } from '../checks/verify-database.js';
import { DatabaseConfig } from '../config/database.config.js';
import { SettingsReader } from '../config/environment.js';
import { refuseDatabaseFile } from '../storage/refuse-database-file.js';
import { replaceFile } from '../files/replace-file.js';
import { BackupError } from './backup-error.js';
import { copyDatabase, type CopyOptions } from './copy-database.js';

interface Options extends CopyOptions {
  /** A file of that name is replaced. */
  readonly force?: boolean;
}

/**
 * Copies the SQLite database into a file, whole and verified, while others read and write. What was acknowledged before
 * it began is in it.
 *
 * @returns its size in bytes
 * @throws BackupError, FileError where that cannot be done; there is no file then, or the one that was
 */
export async function backUp(
  config: DatabaseConfig,
  file: string,
  { force, ...options }: Options = {},
): Promise<number> {
  if (config.engine === 'postgres') {
    throw new BackupError(
      'PostgreSQL has its own tool for backups: pg_dump --format=custom --file=daybook.dump "$DATABASE_URL", and ' +
        'pg_restore --clean --if-exists --single-transaction --dbname="$DATABASE_URL" daybook.dump to restore one. See docs/operations.md.',
    );
  }
  await refuseDatabaseFile(config, file);
  await replaceFile(file, { force }, async (temporary) => {
    await copyDatabase(config.file, temporary, options);
    await mustBeWhole(temporary, config.displayUrl);
  });
  return (await stat(file)).size;
}

/** @throws BackupError where a file is damaged, not of Daybook, or of a newer one; `name` is what to call it */
export async function mustBeWhole(file: string, name: string): Promise<void> {
  const findings = await verifyDatabase(configOf(file));
  if (anyFails(findings)) throw new BackupError(`${name} is not in order: ${faultsOf(findings)}.`);
}

/** The settings for an SQLite file. */
export const configOf = (file: string): DatabaseConfig =>
  new DatabaseConfig(new SettingsReader({ DATABASE_URL: `sqlite:${resolve(file)}` }));

function faultsOf(findings: readonly Finding[]): string {
  return findings
    .filter(({ status }) => status === 'fail')
    .map(({ check, text }) => `${check}: ${text}`)
    .join('; ');
}
