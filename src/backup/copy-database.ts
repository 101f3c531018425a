import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { explainFileFailure, FileError } from '../files/file-error.js';

/** 8 MiB, some 40 ms. Between two steps signals and the progress bar have their turn. */
const PAGES_PER_STEP = 2_048;

/** How far a copy is. */
export interface CopyOptions {
  /** Called with the pages so far and all pages. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Copies an SQLite database as it is now, also while others write to it, into a file that needs none beside it.
 *
 * @param to a file that is empty or not there
 */
export async function copyDatabase(
  from: string,
  to: string,
  { onProgress = () => undefined, signal }: CopyOptions = {},
): Promise<void> {
  const source = openSource(from);
  try {
    // SQLite begins a copy anew whenever somebody else commits, and ends it never where that is often
    // (sqlite.org/c3ref/backup_finish.html). What a transaction sees does not change, and so the copy goes on.
    source.exec('BEGIN');
    source.prepare('SELECT 1 FROM sqlite_schema').get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted();
        onProgress(totalPages - remainingPages, totalPages);
        return PAGES_PER_STEP;
      },
    });
  } catch (error) {
    throw isAboutSource(error) ? explainFileFailure(error, `${from} cannot be copied`) : error;
  } finally {
    source.close();
  }
  withoutLog(to);
}

function openSource(file: string): Database.Database {
  try {
    if (!statSync(file).isFile()) throw new FileError(`${file} is not a file.`);
    return new Database(file, { readonly: true, fileMustExist: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new FileError(`There is no file ${file}.`);
    throw explainFileFailure(error, `${file} cannot be opened`);
  }
}

function isAboutSource(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test(String((error as { code?: unknown }).code));
}

/** WAL mode, which the copy has from its source, would make files beside it whenever it is looked at. */
function withoutLog(file: string): void {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}
