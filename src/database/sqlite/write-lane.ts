import { AsyncResource } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Database, Statement } from 'better-sqlite3';
import type { QueryRunner } from 'typeorm';
import type { DatabaseChanges } from '../database-changes.js';
import { DatabaseUnavailableError, isBusy, UnitTimeoutError } from '../database-errors.js';
import { withTimeLimit } from '../time-limit.js';
import { UnitGuard } from '../unit-guard.js';
import { type UnitRun, UnitRunner } from '../unit-of-work.js';
import type { WalSync } from './wal-sync.js';

/** Units of one commit at most, so that the first of a flood is not answered after the last. */
const MAX_BATCH = 256;

/** A unit of work on its way through the lane. */
interface Entry {
  readonly unit: UnitRun<unknown>;
  /** The async context of the caller, as the lane runs the unit in a turn of its own. */
  readonly context: AsyncResource;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  waitLimit: NodeJS.Timeout;
  /** It has waited too long and was answered. */
  gone: boolean;
}

/**
 * A full disk and the like make SQLite roll back the whole transaction, the other units with the one that met it
 * (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"). Those are run again.
 */
class TransactionLost {
  constructor(
    readonly culprit: Entry,
    readonly cause: unknown,
  ) {}
}

/**
 * SQLite's one writer: units of work run one after another, each in its own savepoint, and those that arrive
 * in one turn of the event loop share one transaction, one commit and one sync of the disk ("group commit").
 *
 * A unit that fails takes nothing from the others. Nobody is answered before the disk has the commit; the next
 * batch runs meanwhile.
 */
export class WriteLane extends UnitRunner {
  private readonly logger = new Logger(WriteLane.name);
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
   * @param newRunner makes a query runner on the only connection that writes
   * @param database the same connection; transactions are begun and ended past TypeORM, whose count of them goes
   * wrong where SQLite ends one by itself
   */
  constructor(
    private readonly newRunner: () => QueryRunner,
    private readonly database: Database,
    private readonly walSync: WalSync,
    private readonly changes: DatabaseChanges,
    private readonly limits: { writeWaitMs: number; writeLimitMs: number },
  ) {
    super();
    this.beginImmediate = database.prepare('BEGIN IMMEDIATE');
    this.commitAll = database.prepare('COMMIT');
    this.rollbackAll = database.prepare('ROLLBACK');
    this.savepoint = database.prepare('SAVEPOINT unit');
    this.release = database.prepare('RELEASE unit');
    this.rollbackTo = database.prepare('ROLLBACK TO unit');
  }

  override async run<T>(unit: UnitRun<T>): Promise<T> {
    if (this.closing) throw new DatabaseUnavailableError('The service is stopping.');
    if (this.walSync.failed) throw this.walSync.failed;
    const result = await new Promise<unknown>((resolve, reject) => {
      const waitLimit = setTimeout(() => this.giveUp(entry), this.limits.writeWaitMs);
      const context = new AsyncResource('UnitOfWork');
      const entry: Entry = { unit, context, resolve, reject, waitLimit, gone: false };
      this.queue.push(entry);
      this.working ??= this.work();
    });
    return result as T;
  }

  override async probe(): Promise<void> {
    await this.run({
      name: 'readiness probe',
      // Writes the page that holds the number, and changes nothing (sqlite.org/pragma.html#pragma_user_version).
      attempt: async () => this.database.pragma(`user_version = ${this.userVersion()}`),
      abandon: () => undefined,
    });
  }

  override async close(): Promise<void> {
    this.closing = true;
    await this.working;
    await this.walSync.durable().catch(() => undefined);
    this.walSync.close();
  }

  private userVersion(): number {
    return this.database.pragma('user_version', { simple: true }) as number;
  }

  /** Runs batches until the queue is empty. */
  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      // One turn for the requests that have arrived together to enqueue their units.
      await nextTurn();
      const batch = this.queue.splice(0, MAX_BATCH);
      try {
        await this.commit(batch);
      } catch (error) {
        for (const entry of batch) this.fail(entry, error);
      }
    }
    this.working = undefined;
  }

  /** Runs a batch in one transaction. Does not wait for the disk: the batch is answered when it has confirmed. */
  private async commit(batch: Entry[]): Promise<void> {
    if (!(await this.begin(batch))) return;
    const answers: (() => void)[] = [];
    const written = new Set<string>();
    try {
      for (const entry of batch) {
        if (!entry.gone) answers.push(await this.runUnit(entry, written));
      }
      // In the turn of the commit, so that nobody meets the one without the other; and first, as a commit that
      // fails may have been seen.
      this.changes.tell(written);
      this.commitAll.run();
    } catch (error) {
      if (this.database.inTransaction) this.rollbackAll.run();
      if (!(error instanceof TransactionLost)) throw error;
      this.fail(error.culprit, error.cause);
      this.runAgain(batch.filter((entry) => entry !== error.culprit && !entry.gone));
      return;
    }
    this.walSync.durable().then(
      () => answers.forEach((answer) => answer()),
      (error: unknown) => batch.forEach((entry) => this.fail(entry, error)),
    );
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

  /** Runs one unit in its savepoint. Answers how to settle it once the batch is durable. */
  private async runUnit(entry: Entry, written: Set<string>): Promise<() => void> {
    clearTimeout(entry.waitLimit);
    const runner = this.newRunner();
    const guard = new UnitGuard(runner, this.changes);
    if (entry.unit.single) guard.limit = 1;
    this.savepoint.run();
    try {
      const work = entry.context.runInAsyncScope(() => entry.unit.attempt(runner.manager));
      const result = await withTimeLimit(work, this.limits.writeLimitMs, () => this.abandon(entry.unit));
      await guard.end();
      this.release.run();
      for (const table of guard.written) written.add(table);
      return () => entry.resolve(result);
    } catch (error) {
      await guard.end().catch(() => undefined);
      if (!this.database.inTransaction) throw new TransactionLost(entry, error);
      this.rollbackTo.run();
      this.release.run();
      return () => entry.reject(error);
    }
  }

  private abandon(unit: UnitRun<unknown>): UnitTimeoutError {
    const error = new UnitTimeoutError(unit.name, this.limits.writeLimitMs);
    this.logger.error(error.message);
    unit.abandon();
    return error;
  }

  private runAgain(entries: Entry[]): void {
    for (const entry of entries)
      entry.waitLimit = setTimeout(() => this.giveUp(entry), this.limits.writeWaitMs);
    this.queue.unshift(...entries);
  }

  private giveUp(entry: Entry): void {
    entry.gone = true;
    this.fail(
      entry,
      new DatabaseUnavailableError(
        `A unit of work waited longer than ${this.limits.writeWaitMs} ms for its turn to write.`,
      ),
    );
  }

  private fail(entry: Entry, error: unknown): void {
    clearTimeout(entry.waitLimit);
    entry.reject(error);
  }
}
