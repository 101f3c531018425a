import { closeSync, existsSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OpenFiles } from './open-files.js';

/**
 * A better-sqlite3 connection whose transactions take the write lock when they begin.
 *
 * TypeORM says BEGIN TRANSACTION and has no option for it. That takes the lock at the first write, where waiting
 * for it cannot help any more if another process has written since (sqlite.org/isolation.html, SQLITE_BUSY_SNAPSHOT).
 */
export class ImmediateDatabase extends Database {
  readonly files: OpenFiles;

  constructor(file: string, options: Database.Options) {
    // There are password hashes in it. What SQLite makes beside it gets the same permissions.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    super(file, options);
    this.files = new OpenFiles(this);
    const { prepare } = this;
    const immediate = (sql: string) =>
      prepare.call(this, sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
    this.prepare = immediate as typeof prepare;
  }
}
