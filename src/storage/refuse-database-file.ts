import { stat } from 'node:fs/promises';
import type { DatabaseConfig } from '../config/database.config.js';
import { FileError } from '../files/file-error.js';
import { realPlace } from '../files/replace-file.js';

/** What SQLite and Daybook keep beside a database. */
const ENDS = ['', '-wal', '-shm', '-journal', '-housekeeping'];

/** @throws FileError where writing a file would destroy the database, whatever links lead to it */
export async function refuseDatabaseFile({ engine, file }: DatabaseConfig, target: string): Promise<void> {
  if (engine !== 'sqlite') return;
  const database = await realPlace(file);
  const place = await realPlace(target);
  const id = await idOf(place);
  for (const end of ENDS) {
    // Also a name that is free now: SQLite would take what is there for its own.
    if (place === database + end || (id !== undefined && id === (await idOf(database + end)))) {
      throw new FileError(`${target} is the database itself or belongs to it: name another file.`);
    }
  }
}

/** What is the same for all names of a file. */
async function idOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found && `${found.dev} ${found.ino}`;
}
