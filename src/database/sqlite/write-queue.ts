import { AsyncResource } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Database, Statement } from 'better-sqlite3';
import { QueryFailedError } from 'typeorm';
import { DatabaseUnavailableError, isBusy, isConstraint, TransactionTimeoutError } from '../errors.js';
import { withTimeLimit } from '../time-limit.js';
import type { WalSync } from './wal-sync.js';

/** Transactions of one commit at most, so that the first of a flood is not answered after the last. */
const MAX_BATCH = 256;

/** What waits for its turn to write. */
export interface Write<T> {
  /** For the log, such as `POST /tasks (id)`. */
  readonly name: string;
  /** The watched tables that it has written. */
  readonly written: Iterable<string>;
  /** Does all of it. It is called again, from the start, where another's failure has undone it. */
  attempt(): Promise<T>;
  /** Has it fail. Resolves when nothing of it is under way, and nothing can come any more. */
  abandon(error: unknown): Promise<void>;
}

/** How a write runs that is not one transaction among others. */
interface Alone {
  /** It is no transaction, or makes its own. */
  readonly alone?: boolean;
  /** No limit of time holds for it. */
  readonly unlimited?: boolean;
}

/** A write on its way through the queue. */
interface Entry extends Alone {
  readonly write: Write<unknown>;
  /** The async context of the caller, as the queue runs the write in a turn of its own. */
  readonly context: AsyncResource;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  waitLimit: NodeJS.Timeout;
  /** It has waited too long and was answered. */
  gone: boolean;
  /** It has a transaction for itself, as those that it shared one with could not commit. */
  apart?: boolean;
}

/**
 * A full disk and the like make SQLite roll back the whole transaction, the other writes with the one that met it
 * (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"). Those are run again.
 */
class TransactionLost {
  constructor(
    readonly culprit: Entry,
    readonly cause: unknown,
  ) {}
}

/**
 * SQLite's one writer: transactions run one after another, each in its own savepoint, and those that arrive in one turn
 * of the event loop share one commit and one sync of the disk ("group commit").
 *
 * One that fails takes nothing from the others. Nobody is answered before the disk has the commit; the next batch runs
 * meanwhile.
 */
export class WriteQueue {
  private readonly logger = new Logger(WriteQueue.name);
  private readonly beginImmediate: Statement;
  private readonly commitAll: Statement;
  private readonly rollbackAll: Statement;
  private readonly savepoint: Statement;
  private readonly release: Statement;
  private readonly rollbackTo: Statement;
  private queue: Entry[] = [];
  private working?: Promise<void>;
  private closing = false;

  /**
   * @param database the only connection that writes; transactions are begun and ended past TypeORM, whose count of them
   * goes wrong where SQLite ends one by itself
   * @param walSync nothing, where the database is in memory
   * @param tell called with the watched tables that a commit has written
   */
  constructor(
    private readonly database: Database,
    private readonly walSync: WalSync | undefined,
    private readonly tell: (written: ReadonlySet<string>) => void,
    private readonly limits: { readonly writeWaitMs: number; readonly writeLimitMs: number },
  ) {
    this.beginImmediate = database.prepare('BEGIN IMMEDIATE');
    this.commitAll = database.prepare('COMMIT');
    this.rollbackAll = database.prepare('ROLLBACK');
    this.savepoint = database.prepare('SAVEPOINT one');
    this.release = database.prepare('RELEASE one');
    this.rollbackTo = database.prepare('ROLLBACK TO one');
  }

  /**
   * Runs a write when its turn comes. Resolves once it is durable.
   *
   * @throws what the write throws, after it is undone, or a DatabaseUnavailableError
   */
  async run<T>(write: Write<T>, how: Alone = {}): Promise<T> {
    if (this.walSync?.failed) throw this.walSync.failed;
    if (this.closing) throw new DatabaseUnavailableError('The database is being closed.');
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        const waitLimit = setTimeout(() => this.giveUp(entry), this.limits.writeWaitMs);
        const context = new AsyncResource('Write');
        const entry: Entry = { ...how, write, context, resolve, reject, waitLimit, gone: false };
        this.queue.push(entry);
        this.working ??= this.work();
      });
      return result as T;
    } catch (error) {
      throw withCaller(error);
    }
  }

  /** Finishes what has begun and takes nothing more. */
  async close(): Promise<void> {
    this.closing = true;
    await this.working;
    await this.walSync?.durable().catch(() => undefined);
    this.walSync?.close();
  }

  /** Runs batches until the queue is empty. */
  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      // One turn for the requests that have arrived together to enqueue their writes.
      await nextTurn();
      const batch = this.takeBatch();
      try {
        await (batch[0]?.alone ? this.runAlone(batch[0]) : this.commit(batch));
      } catch (error) {
        for (const entry of batch) this.fail(entry, error);
      }
    }
    this.working = undefined;
  }

  private takeBatch(): Entry[] {
    const end = this.queue.findIndex(({ alone, apart }) => alone || apart);
    return this.queue.splice(0, end < 0 ? MAX_BATCH : Math.min(MAX_BATCH, Math.max(1, end)));
  }

  /** Runs a batch in one transaction. Does not wait for the disk: the batch is answered when it has confirmed. */
  private async commit(batch: Entry[]): Promise<void> {
    if (!(await this.begin(batch))) return;
    const answers: (() => void)[] = [];
    const written = new Set<string>();
    try {
      for (const entry of batch) {
        if (!entry.gone) answers.push(await this.runOne(entry, written));
      }
      // In the turn of the commit, so that nobody meets the one without the other; and first, as a commit that
      // fails may have been seen.
      this.tell(written);
      this.commitAll.run();
    } catch (error) {
      if (this.database.inTransaction) this.rollbackAll.run();
      // A foreign key that is looked at when all commit: whose it is shows when each commits by itself.
      if (isConstraint(error) && batch.length > 1) return this.runApart(batch);
      if (!(error instanceof TransactionLost)) throw error;
      this.fail(error.culprit, error.cause);
      this.runAgain(batch.filter((entry) => entry !== error.culprit && !entry.gone));
      return;
    }
    this.whenDurable(batch, () => answers.forEach((answer) => answer()));
  }

  /**
   * Takes the database's write lock, which another process may hold, without blocking the event loop.
   * Answers false when nobody in the batch waits for it any more.
   */
  private async begin(batch: Entry[]): Promise<boolean> {
    while (batch.some((entry) => !entry.gone)) {
      try {
        this.beginImmediate.run();
        return true;
      } catch (error) {
        if (!isBusy(error)) throw error;
        // Not in step with the other processes that wait.
        await delay(1 + Math.random() * 4);
      }
    }
    return false;
  }

  /** Runs one write in its savepoint. Answers how to settle it once the batch is durable. */
  private async runOne(entry: Entry, written: Set<string>): Promise<() => void> {
    const { write } = entry;
    clearTimeout(entry.waitLimit);
    this.savepoint.run();
    try {
      const result = await this.attempt(entry);
      this.release.run();
      for (const table of write.written) written.add(table);
      return () => entry.resolve(result);
    } catch (error) {
      await write.abandon(error);
      if (!this.database.inTransaction) throw new TransactionLost(entry, error);
      this.rollbackTo.run();
      this.release.run();
      return () => entry.reject(error);
    }
  }

  /** Runs a write that cannot be in a transaction, such as a VACUUM, when no other process holds the lock. */
  private async runAlone(entry: Entry): Promise<void> {
    const end = performance.now() + this.limits.writeWaitMs;
    clearTimeout(entry.waitLimit);
    while (!entry.gone) {
      try {
        const result = await this.attempt(entry);
        if (this.database.inTransaction) throw new Error('A transaction was left open: it is rolled back.');
        this.tell(new Set(entry.write.written));
        return this.whenDurable([entry], () => entry.resolve(result));
      } catch (error) {
        if (this.database.inTransaction) this.rollbackAll.run();
        // Part of it may be kept, as what runs alone commits when it likes.
        this.tell(new Set(entry.write.written));
        if (!isBusy(error)) throw error;
        if (performance.now() > end) throw this.waitedTooLong();
        await delay(1 + Math.random() * 4);
      }
    }
  }

  private attempt({ write, context, unlimited }: Entry): Promise<unknown> {
    const work = context.runInAsyncScope(() => write.attempt());
    const limit = this.limits.writeLimitMs;
    if (unlimited) return work;
    return withTimeLimit(work, limit, () => {
      const error = new TransactionTimeoutError(write.name, limit);
      this.logger.error(error.message);
      return error;
    });
  }

  private whenDurable(batch: readonly Entry[], answer: () => void): void {
    if (!this.walSync) return answer();
    this.walSync
      .durable()
      .then(answer, (error: unknown) => batch.forEach((entry) => this.fail(entry, error)));
  }

  private runApart(batch: Entry[]): void {
    for (const entry of batch) entry.apart = true;
    this.runAgain(batch.filter(({ gone }) => !gone));
  }

  private runAgain(entries: Entry[]): void {
    for (const entry of entries) {
      // One that had not run yet was still waiting.
      clearTimeout(entry.waitLimit);
      entry.waitLimit = setTimeout(() => this.giveUp(entry), this.limits.writeWaitMs);
    }
    this.queue.unshift(...entries);
  }

  private giveUp(entry: Entry): void {
    entry.gone = true;
    this.fail(entry, this.waitedTooLong());
  }

  private waitedTooLong(): DatabaseUnavailableError {
    return new DatabaseUnavailableError(
      `A transaction waited longer than ${this.limits.writeWaitMs} ms for its turn to write.`,
    );
  }

  private fail(entry: Entry, error: unknown): void {
    clearTimeout(entry.waitLimit);
    entry.reject(error);
  }
}

/** The error of a statement with those who wait for it in its stack: it was thrown in the queue's own turn. */
function withCaller(error: unknown): unknown {
  if (error instanceof QueryFailedError) {
    const callers = new Error().stack?.split('\n').slice(2).join('\n');
    error.stack = `${error.stack}\n${callers}`;
  }
  return error;
}
