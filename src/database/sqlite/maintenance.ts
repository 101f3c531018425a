import BetterSqlite3, { type Database } from 'better-sqlite3';
import { isBusy } from '../errors.js';
import type { Maintenance } from '../maintenance.js';

/** So many pages of 4 KiB are moved in one transaction. */
const PAGES = 64;

/**
 * SQLite's maintenance. The lock is one on a file of its own, beside the database: the system takes it back from a
 * process that dies, and nobody who writes waits for it.
 */
export class SqliteMaintenance implements Maintenance {
  /**
   * @param file where the database is, the same by whatever name it was opened
   * @param inTransaction runs what writes when its turn has come
   */
  constructor(
    private readonly writer: Database,
    private readonly file: string,
    private readonly inTransaction: (work: () => unknown) => Promise<unknown>,
  ) {}

  async alone(work: () => Promise<void>): Promise<boolean> {
    const lock = new BetterSqlite3(`${this.file}-housekeeping`, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      if (isBusy(error)) return false;
      throw error;
    }
    try {
      await work();
      return true;
    } finally {
      lock.close();
    }
  }

  async giveBack(): Promise<boolean> {
    // 2 is INCREMENTAL. A file from before that has to be rebuilt first (docs/operations.md).
    if (this.number('auto_vacuum') !== 2 || this.number('freelist_count') === 0) return false;
    await this.inTransaction(() => this.writer.pragma(`incremental_vacuum(${PAGES})`));
    return this.number('freelist_count') > 0;
  }

  private number(pragma: string): number {
    return this.writer.pragma(pragma, { simple: true }) as number;
  }
}
