import { type BigIntStats, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { DatabaseUnavailableError } from '../errors.js';

/** What is the same for all names of a file, and for no other that is there at the time. */
type Identity = Pick<Stats, 'dev' | 'ino'> | Pick<BigIntStats, 'dev' | 'ino'>;

/**
 * The files that a connection has open, by device and inode.
 *
 * A name may come to lead to another file, or to none, and SQLite goes on with the one that it has open
 * (sqlite.org/howtocorrupt.html, "Unlinking or renaming a database file while in use"). What is written then is in no
 * file that the next start finds. An inode that is open is given to no other file, so that equal means the same.
 */
export class OpenFiles {
  /** Where SQLite has found the database. Its log lies beside this one, and not beside a link that leads to it. */
  readonly file: string;
  /** Called once, when it is found that a name leads elsewhere. */
  onLost?: (error: DatabaseUnavailableError) => void;
  private readonly opened = new Map<string, Identity | undefined>();
  private failure?: DatabaseUnavailableError;

  /** @param database one that has just been opened, and is not in memory */
  constructor(database: Database) {
    const [main] = database.pragma('database_list') as [{ file: string }];
    this.file = main.file;
    // The links as well: they may be set to lead to another database.
    for (const name of [resolve(database.name), this.file]) this.add(name);
  }

  /** Looks after the log and its index, too, where there are such: to be called when WAL mode is on. */
  addLog(): void {
    for (const name of [this.log, this.index]) if (find(name, false)) this.add(name);
  }

  /** The write-ahead log. */
  get log(): string {
    return `${this.file}-wal`;
  }

  private get index(): string {
    return `${this.file}-shm`;
  }

  /** Why nothing must be read or written any more, if that is so. It stays so, whatever has the name later. */
  get failed(): DatabaseUnavailableError | undefined {
    return this.failure;
  }

  /** @throws DatabaseUnavailableError where a name leads elsewhere, and from then on */
  check(): void {
    if (this.failure) throw this.failure;
    for (const name of this.opened.keys()) {
      if (this.isNamed(name)) continue;
      this.failure = new DatabaseUnavailableError(
        `${name} was removed, moved or replaced while it was open: what is written now is not in the file of that name.`,
      );
      this.onLost?.(this.failure);
      throw this.failure;
    }
  }

  /** The same, without an error. */
  get isLost(): boolean {
    try {
      this.check();
      return false;
    } catch {
      return true;
    }
  }

  /** Whether no file has the database's name. */
  get isGone(): boolean {
    return find(this.file, false) === undefined;
  }

  /** Whether others may have begun to share the log, and not what tells them where it ends. */
  get isLogShared(): boolean {
    return this.isNamed(this.log) && !this.isNamed(this.index);
  }

  private add(name: string): void {
    const found = find(name, false);
    // Windows has larger ones. A BigInt takes as long again, which each commit would pay.
    const exact = found && !Number.isSafeInteger(found.ino) ? find(name, true) : found;
    this.opened.set(name, exact);
  }

  private isNamed(name: string): boolean {
    const opened = this.opened.get(name);
    const found = find(name, typeof opened?.ino === 'bigint');
    return found !== undefined && found.ino === opened?.ino && found.dev === opened.dev;
  }
}

/** What has a name, if something has. */
function find(name: string, bigint: boolean): Identity | undefined {
  try {
    return statSync(name, { bigint, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
