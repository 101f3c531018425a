import { chmod, chown, link, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { isBusy, raiseSequence, type Sequence } from '../database/admin.js';
import { FileError } from '../files/file-error.js';
import { realPlace, replaceFile } from '../files/replace-file.js';
import { mustBeWhole } from './back-up.js';
import { BackupError } from './backup-error.js';
import { copyDatabase, type CopyOptions } from './copy-database.js';

interface Options extends CopyOptions {
  /** The database that is there is replaced. */
  readonly force?: boolean;
}

/** What a restore has done. */
export interface Restored {
  /** Where the old database is now, if there was one. */
  readonly old?: string;
  /** Whether ids that the old one has given may be given again, as it was too damaged to tell them. */
  readonly idsMayRepeat: boolean;
}

/**
 * Puts a backup in the place of the SQLite database. Until the very moment of the exchange the old one is there, and
 * afterwards beside it, under a name with the time. Ids go on after those that the old one has given: clients may know
 * them, such as one that reads the log after an id.
 *
 * @throws BackupError, FileError where that cannot be done; the old database is as it was then
 */
export async function restore(
  config: DatabaseConfig,
  file: string,
  { force = false, ...options }: Options = {},
): Promise<Restored> {
  if (config.engine === 'postgres') {
    throw new BackupError(
      'PostgreSQL has its own tool: pg_restore --clean --if-exists --single-transaction --dbname="$DATABASE_URL" ' +
        'daybook.dump, for what pg_dump --format=custom has written. See docs/operations.md.',
    );
  }
  const target = await realPlace(config.file);
  const old = await stat(target).catch(() => undefined);
  if (old && !old.isFile()) throw new FileError(`${target} is there, and is not a file.`);
  if (old && !force) {
    throw new FileError(
      `There is a database already, ${target}: back it up if you need it, and replace it with --force.`,
    );
  }
  await mkdir(dirname(target), { recursive: true });
  // Once more below: this is only to say it before the work is done.
  if (old) takeAlone(target)?.close();
  // A name that none had before, as a log that lies beside it would be taken for its own.
  const aside = `${target}.before-restore-${new Date().toISOString().replaceAll(/[-:]/g, '')}`;
  let alone: Database.Database | undefined;
  let idsMayRepeat = false;
  try {
    // Where there was none, one that a service makes meanwhile is not replaced, even with --force.
    await replaceFile(target, { force: old !== undefined }, async (temporary) => {
      await copyDatabase(file, temporary, options);
      await mustBeWhole(temporary, file);
      if (old) {
        await chmod(temporary, old.mode);
        await chown(temporary, old.uid, old.gid);
        alone = takeAlone(target);
        const given = lastIds(target, alone);
        idsMayRepeat = given === undefined;
        await raiseLastIds(temporary, given ?? []);
        await link(target, aside);
      }
    });
    // Not before: they could have been those of a database that was made meanwhile.
    await putLogsAside(target, aside);
  } catch (error) {
    // Two names of one database are a trap. The other one is its only name where it was replaced already.
    if ((await inode(target)) === (await inode(aside))) await rm(aside, { force: true });
    throw error;
  } finally {
    alone?.close();
  }
  return { ...(old && { old: aside }), idsMayRepeat };
}

/** The last ids that a database has given; nothing where it is too damaged to tell. */
function lastIds(file: string, alone: Database.Database | undefined): Sequence[] | undefined {
  let database = alone;
  try {
    // No other connection can read what is locked.
    database ??= new Database(file, { readonly: true });
    const names = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'");
    return names.get() ? database.prepare<[], Sequence>('SELECT name, seq FROM sqlite_sequence').all() : [];
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  } finally {
    if (database !== alone) database?.close();
  }
}

async function raiseLastIds(file: string, given: readonly Sequence[]): Promise<void> {
  // Without what longSource() sets: the copy is one file, and is to stay so.
  const dataSource = await new DataSource({ type: 'better-sqlite3', database: file }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    // Also those of tables that the migrations of the next start make.
    for (const sequence of given) await raiseSequence(runner, sequence);
    await runner.commitTransaction();
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

const isDamage = (error: unknown): boolean =>
  /^SQLITE_(NOTADB|CORRUPT)/.test((error as { code?: string }).code ?? '');

/**
 * Has a database for this process alone, which ends its log: all of it is in the one file then. A connection in WAL mode
 * holds a lock for as long as it is open, whether it does something or not, so that this fails while a service runs.
 *
 * @returns nothing where the file is too damaged for that; then no service can use it either
 * @throws BackupError where somebody has it open
 */
function takeAlone(file: string): Database.Database | undefined {
  const database = new Database(file, { timeout: 0 });
  try {
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) {
      throw new BackupError(`${file} is in use: stop Daybook, and whatever else has it open, first.`, {
        cause: error,
      });
    }
    if (isDamage(error)) return undefined;
    throw error;
  }
}

const inode = (file: string): Promise<bigint | undefined> =>
  stat(file, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );

/** SQLite takes a log that lies beside a file for that file's, whosever it was. */
async function putLogsAside(file: string, aside: string): Promise<void> {
  for (const end of ['-wal', '-shm', '-journal']) {
    await rename(file + end, aside + end).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
