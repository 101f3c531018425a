import Database from 'better-sqlite3';
import { isBusy } from '../database-errors.js';
import { Housekeeping } from '../housekeeping.js';
import type { UnitRunner } from '../unit-of-work.js';

/** So many pages of 4 KiB are moved in one unit of work. */
const PAGES = 64;

/**
 * SQLite's housekeeping. The lock is one on a file of its own, beside the database: the system takes it back from a
 * process that dies, and nobody who writes waits for it.
 */
export class SqliteHousekeeping extends Housekeeping {
  constructor(
    private readonly file: string,
    private readonly writer: Database.Database,
    private readonly units: UnitRunner,
  ) {
    super();
  }

  override async alone(work: () => Promise<void>): Promise<boolean> {
    const lock = new Database(`${this.file}-housekeeping`, { timeout: 0 });
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

  override async giveBack(): Promise<boolean> {
    // 2 is INCREMENTAL. A file from before that has to be rebuilt first (docs/operations.md).
    if (this.number('auto_vacuum') !== 2 || this.number('freelist_count') === 0) return false;
    await this.units.run({
      name: 'giving back disk space',
      attempt: async () => this.writer.pragma(`incremental_vacuum(${PAGES})`),
      abandon: () => undefined,
    });
    return this.number('freelist_count') > 0;
  }

  private number(pragma: string): number {
    return this.writer.pragma(pragma, { simple: true }) as number;
  }
}
