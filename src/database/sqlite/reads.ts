import type { Database } from 'better-sqlite3';

/** How long a batch may hold the event loop; the reads that are left then have their turn after others. */
const BATCH_MS = 5;

/**
 * Runs the reads that come in one turn of the event loop together, in one read transaction, at the end of the turn.
 *
 * Between two requests the kernel moves packets, and what the database needs leaves the processor's caches; and each
 * transaction locks the file and unlocks it. Together, reads cost a fraction (docs/adr/0018-reads-in-batches.md).
 *
 * The transaction begins after each of its reads was asked for. So none misses what was committed before, not even
 * by another process.
 */
export class ReadBatch {
  private reads: (() => void)[] = [];
  /** Made when it is needed, as a connection that is closed refuses it. */
  private inTransaction?: (work: () => void) => void;

  /** @param database a connection that only reads */
  constructor(private readonly database: Database) {}

  /** Resolves to what `read` answers, which must not wait for anything. @throws what it throws */
  run<T>(read: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.reads.length === 0) setImmediate(this.readAll);
      this.reads.push(() => {
        try {
          resolve(read());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private readonly readAll = (): void => {
    const { reads } = this;
    const end = performance.now() + BATCH_MS;
    let done = 0;
    const readSome = (): void => {
      do reads[done++]!();
      while (done < reads.length && performance.now() < end);
    };
    try {
      this.inTransaction ??= this.database.transaction((work: () => void) => work());
      this.inTransaction(readSome);
    } catch {
      // There was nothing to keep. Where it could not even begin, the reads find the reason themselves.
      if (done === 0) readSome();
    }
    this.reads = reads.slice(done);
    if (this.reads.length > 0) setImmediate(this.readAll);
  };
}
