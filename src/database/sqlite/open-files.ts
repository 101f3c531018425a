import { type BigIntStats, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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
  private readonly folders: Folders;
  private failure?: DatabaseUnavailableError;

  /** @param database one that has just been opened, and is not in memory */
  constructor(database: Database) {
    const [main] = database.pragma('database_list') as [{ file: string }];
    this.file = main.file;
    // The links as well: they may be set to lead to another database.
    const names = [resolve(database.name), this.file];
    for (const name of names) this.add(name);
    this.folders = new Folders(names.map((name) => dirname(name)));
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
    // Before the files: what happens to a name meanwhile is found the next time.
    if (this.folders.areUnchanged()) return;
    for (const name of this.opened.keys()) {
      if (this.isNamed(name)) continue;
      this.failure = new DatabaseUnavailableError(
        `${name} was removed, moved or replaced while it was open: what is written now is not in the file of that name.`,
      );
      this.onLost?.(this.failure);
      throw this.failure;
    }
  }

  /** Whether that is so, without an error. */
  get isLost(): boolean {
    try {
      this.check();
    } catch {
      // It is known by the failure.
    }
    return this.failure !== undefined;
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

/** A folder whose time is as old as this has another one after its next change, also where times are coarse. */
const SETTLED_MS = 100;

/**
 * Tells that no name in some folders can have changed, at the cost of a stat each. A stat of a file that is written has a
 * price: Linux gives the next write a time of its own, which the disk must have, too (multigrain timestamps, since 6.13).
 */
class Folders {
  private seen: (Stats | undefined)[] = [];
  private readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    this.paths = [...new Set(paths)];
  }

  /** Whether all are as they were at the last call. */
  areUnchanged(): boolean {
    const before = this.seen;
    this.seen = this.paths.map((path) => statOf(path));
    const now = Date.now();
    return this.seen.every(
      (folder, n) => folder && isSame(folder, before[n]) && now - folder.ctimeMs > SETTLED_MS,
    );
  }
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev && one.ctimeMs === other.ctimeMs;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What has a name, if something has. @throws DatabaseUnavailableError where that cannot be told now */
function find(name: string, bigint: boolean): Identity | undefined {
  try {
    return statSync(name, { bigint, throwIfNoEntry: false });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Where a part of the path is no folder, or a link leads to itself, nothing has the name.
    if (code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw new DatabaseUnavailableError(
      `It cannot be told whether ${name} is still the same file: ${message}`,
      {
        cause: error,
      },
    );
  }
}
