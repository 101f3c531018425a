import { fdatasync, openSync, closeSync } from 'node:fs';
import { promisify } from 'node:util';
import { DatabaseUnavailableError } from '../database-errors.js';

/** Forces a file's data to the disk. */
export type SyncFile = (fd: number) => Promise<void>;

/**
 * Makes commits durable: forces SQLite's write-ahead log to the disk on a thread of libuv's pool.
 *
 * With `synchronous=NORMAL` a COMMIT only hands its pages to the operating system (sqlite.org/pragma.html,
 * "synchronous"), so a power cut may lose it. With FULL it would sync itself, but on the event loop, where every
 * request waits for the disk. Measured in docs/adr/0004-durable-commits.md.
 */
export class WalSync {
  private fd?: number;
  private running: Promise<void> = Promise.resolve();
  private next?: Promise<void>;
  private failure?: DatabaseUnavailableError;

  constructor(
    private readonly walFile: string,
    private readonly syncFile: SyncFile = promisify(fdatasync),
  ) {}

  /**
   * Resolves once all that was committed before this call is on the disk.
   *
   * A sync that runs already may have begun before the commit, so callers share the one after it.
   * @throws DatabaseUnavailableError when the disk fails, and from then on: after a failed sync the kernel may
   * drop the pages and report the next one as a success (the "fsyncgate" of PostgreSQL, 2018). A restart
   * recovers from what really is on the disk.
   */
  durable(): Promise<void> {
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return (this.running = this.sync());
      });
    return this.next;
  }

  /** Why no commit can be made durable any more, if that is so. */
  get failed(): DatabaseUnavailableError | undefined {
    return this.failure;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private async sync(): Promise<void> {
    if (this.failure) throw this.failure;
    try {
      // SQLite keeps the file for as long as a connection is open, so the descriptor stays the right one.
      this.fd ??= openSync(this.walFile, 'r+');
      await this.syncFile(this.fd);
    } catch (error) {
      this.failure = new DatabaseUnavailableError(
        'The disk did not confirm a write. No more writes are taken until the service is restarted.',
        { cause: error },
      );
      throw this.failure;
    }
  }
}
