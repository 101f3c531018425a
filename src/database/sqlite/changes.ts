import type { Database, Statement } from 'better-sqlite3';
import { DatabaseChanges } from '../changes.js';
import type { OpenFiles } from './open-files.js';

/**
 * SQLite's changes: the write queue tells of its own commits, and `PRAGMA data_version` of all others.
 *
 * The number changes when another connection has committed (sqlite.org/pragma.html#pragma_data_version). It is
 * asked of the connection that writes, for which "another" is another process. Which tables those have written
 * nobody can tell.
 */
export class SqliteChanges extends DatabaseChanges {
  private dataVersion?: Statement;
  private seen: unknown;
  private files?: OpenFiles;

  /** Begins to ask a connection. */
  open(writer: Database, files?: OpenFiles): void {
    this.files = files;
    this.dataVersion = writer.prepare('PRAGMA data_version').pluck();
    this.seen = this.dataVersion.get();
  }

  override catchUp(): boolean {
    if (this.files?.failed) return false;
    let version: unknown;
    try {
      version = this.dataVersion!.get();
    } catch {
      return false;
    }
    if (version !== this.seen) {
      this.seen = version;
      this.tellAll();
    }
    return true;
  }

  override async close(): Promise<void> {
    // The connection is not its own.
  }
}
