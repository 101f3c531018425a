import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { DatabaseUnavailableError, OutcomeUnknownError } from '../errors.js';
import type { OpenFiles } from './open-files.js';

/** A sync that is shorter than this costs less on the event loop than the way to another thread and back. */
const SHORT_MS = 0.5;
/** After so many short syncs with nobody else committing meanwhile, somebody is taken to write alone. */
const ALONE_AFTER = 4;
/** So many commits are then synced on the event loop, before it is asked again whether somebody commits meanwhile. */
const AT_ONCE = 16;

/** Forces a file's data to the disk. */
export type SyncFile = (fd: number) => Promise<void>;

/** The ways to do that: on another thread, and on this one. */
export interface Disk {
  sync: SyncFile;
  syncNow?(fd: number): void;
}

const DISK: Disk = { sync: promisify(fdatasync), syncNow: fdatasyncSync };

/**
 * Makes commits durable: forces SQLite's write-ahead log to the disk on a thread of libuv's pool.
 *
 * With `synchronous=NORMAL` a COMMIT only hands its pages to the operating system (sqlite.org/pragma.html,
 * "synchronous"), so a power cut may lose it. With FULL it would sync itself, but on the event loop, where every
 * request waits for the disk. Measured in docs/adr/0004-durable-commits.md. Only where one client writes alone, and the
 * disk is fast, the event loop does it.
 */
export class WalSync {
  private fd?: number;
  private running: Promise<void> = Promise.resolve();
  private next?: Promise<void>;
  private failure?: DatabaseUnavailableError;
  private underWay = false;
  private shared = false;
  private aloneFor = 0;
  private atOnce = 0;

  constructor(
    private readonly walFile: string,
    private readonly disk: Disk = DISK,
    private readonly files?: OpenFiles,
  ) {}

  /**
   * Resolves once all that was committed before this call is on the disk.
   *
   * A sync that runs already may have begun before the commit, so callers share the one after it.
   * @throws OutcomeUnknownError when the disk fails, and from then on: after a failed sync the kernel may
   * drop the pages and report the next one as a success (the "fsyncgate" of PostgreSQL, 2018). A restart
   * recovers from what really is on the disk. The same where the files are no longer the named ones.
   */
  durable(): Promise<void> {
    if (this.atOnce > 0 && !this.underWay && this.disk.syncNow) return this.sync(this.disk.syncNow);
    this.shared ||= this.underWay;
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        this.shared = false;
        return (this.running = this.sync(this.disk.sync));
      });
    return this.next;
  }

  /** Why no commit can be made durable any more, if that is so. */
  get failed(): DatabaseUnavailableError | undefined {
    return this.failure ?? this.files?.failed;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private async sync(syncFile: (fd: number) => Promise<void> | void): Promise<void> {
    if (this.failed) throw new OutcomeUnknownError(this.failed);
    try {
      // SQLite keeps the file for as long as a connection is open, so the descriptor stays the right one.
      this.fd ??= openSync(this.walFile, 'r+');
      this.underWay = true;
      const begin = performance.now();
      const done = syncFile(this.fd);
      if (done) await done;
      this.learn(performance.now() - begin);
    } catch (error) {
      this.failure = new DatabaseUnavailableError(
        'The disk did not confirm a write. No more writes are taken until the service is restarted.',
        { cause: error },
      );
      throw new OutcomeUnknownError(this.failure);
    } finally {
      this.underWay = false;
    }
    try {
      // Not before: until now it could be removed, and the commit with it.
      this.files?.check();
    } catch (error) {
      throw new OutcomeUnknownError(error);
    }
  }

  /** Whether the next commits are synced on the event loop. */
  private learn(ms: number): void {
    if (ms > SHORT_MS || this.shared) this.aloneFor = this.atOnce = 0;
    else if (this.atOnce > 0) this.atOnce -= 1;
    else if ((this.aloneFor += 1) >= ALONE_AFTER) this.atOnce = AT_ONCE;
  }
}
