import type { EntityManager, QueryRunner } from 'typeorm';
import type { Boundary } from './boundaries.js';
import { isSerializationFailure } from './errors.js';
import { Level } from './level.js';
import { logged } from './logged.js';
import { currentName, enter, outside, type Place, placeIn } from './places.js';
import type { SessionDataSource } from './session-data-source.js';
import { Turns } from './turns.js';
import { broadcast, type TransactionEvent } from './typeorm-internals.js';

/**
 * One transaction, from its begin to its end, on a query runner of its own.
 *
 * It stands before every statement. Nothing runs after the transaction has ended, though code of it that nobody awaited
 * may go on. And nothing runs after a statement has failed, even if that was caught: PostgreSQL has given up the
 * transaction by then, and SQLite may have. So it fails as a whole, on both engines; a nested one fails alone.
 *
 * It also notes which of the watched tables it writes, so that nobody has to say it.
 */
export class Transaction {
  /** The watched tables that it may have written. */
  readonly written = new Set<string>();
  private made?: QueryRunner;
  private readonly root = new Level(this);
  private readonly place: Place;
  /** Why all of it has failed, whatever was caught. */
  private fatal?: { readonly error: unknown };
  private over = false;
  private underWay = 0;
  private onQuiet?: PromiseWithResolvers<void>;

  /**
   * @param makeRunner called when its query runner is needed: a prepared statement does without
   * @param name for the log
   */
  constructor(
    private readonly dataSource: SessionDataSource,
    private readonly makeRunner: (transaction: Transaction) => QueryRunner,
    readonly name = currentName(),
  ) {
    this.place = { dataSource, level: this.root, turns: new Turns() };
  }

  /** The query runner that all of it runs on. */
  get runner(): QueryRunner {
    return (this.made ??= this.makeRunner(this));
  }

  /**
   * Runs a transaction's work, between a begin and a commit that are not its business.
   *
   * @throws what `work` throws, or why the transaction must not be committed
   */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      const result = await this.enter(() => (this.isHeard ? this.told(work) : work(this.runner.manager)));
      await this.end();
      return result;
    } catch (error) {
      if (this.isHeard) await logged(() => this.tell('BeforeTransactionRollback'));
      await this.abandon(error);
      // The work may have caught a conflict and thrown another error for it.
      throw isSerializationFailure(this.fatal?.error) ? this.fatal?.error : error;
    }
  }

  /** Runs `work` so that its statements are in this transaction. */
  enter<T>(work: () => T): T {
    return enter(this.place, work);
  }

  /** Runs one of its statements, after those before it. When it fails, so does the level that it is in. */
  async statement<T>(sql: string, run: () => Promise<T>): Promise<T> {
    // One function, though it does much: each more would be paid by every statement.
    const { level, turns } = this.placeNow;
    level.enter();
    try {
      const turn = turns.take();
      if (turn) await turn;
      // What a nested transaction has begun meanwhile has ended by now.
      const { innermost } = level;
      try {
        innermost.check();
        for (const table of this.dataSource.changes.tablesWrittenBy(sql)) this.written.add(table);
        this.underWay += 1;
        try {
          const result = await (this.isHeard ? this.inside(innermost, run) : run());
          // On SQLite all may be done by now. Whoever does not wait for it must be found out all the same.
          if (this.dataSource.engine.isImmediate) await nextTick();
          return result;
        } finally {
          this.through();
        }
      } catch (error) {
        innermost.fail(error);
        if (this.dataSource.engine.endsTransaction(error)) this.fatal ??= { error };
        throw error;
      } finally {
        turns.pass();
      }
    } finally {
      level.leave();
    }
  }

  /** Runs `work` as a nested transaction, which fails alone, but for what ends all of it. */
  async nested<T>(work: () => Promise<T>): Promise<T> {
    const { level, turns } = this.placeNow;
    level.enter();
    try {
      return await turns.run(() => this.runNested(level, work));
    } finally {
      level.leave();
    }
  }

  /** Begins or ends a nested transaction, with the statement that does so. */
  savepoint<T>(boundary: Boundary, run: () => Promise<T>): Promise<T> {
    const level = this.placeNow.level.innermost;
    const statement = () => this.boundary(run);
    if (boundary === 'savepoint') return level.begin(statement);
    return boundary === 'release' ? level.commit(statement) : level.rollback(statement);
  }

  /**
   * Refuses what still comes, and resolves when what is under way is through.
   *
   * @throws the error of the first statement that failed, or one that says that a statement was not awaited
   */
  async end(): Promise<void> {
    try {
      this.root.refuseOpen();
      // Whatever else the work has begun and does not wait for is under way then.
      await nextTick();
      this.throwFatal();
      this.check();
      this.root.end();
    } finally {
      this.over = true;
      await this.quiet();
    }
    // A statement that was under way may have failed.
    this.throwFatal();
  }

  /** Has it fail, unless it has ended, and resolves when what is under way is through. */
  async abandon(error: unknown): Promise<void> {
    if (!this.over) this.fatal ??= { error };
    this.over = true;
    await this.quiet();
  }

  /** Tells subscribers, and those who wait for the commit. Called once it is durable. */
  async committed(): Promise<void> {
    if (this.isHeard) await outside(() => logged(() => this.tell('AfterTransactionCommit')));
    if (this.root.callbacks.length > 0) await this.callBack();
  }

  /** Tells those who wait for the commit. Called once it is durable. */
  async callBack(): Promise<void> {
    await outside(async () => {
      for (const callback of this.root.callbacks) await logged(callback);
    });
  }

  /** Tells subscribers. Called once it is rolled back. */
  async rolledBack(): Promise<void> {
    if (this.isHeard) await outside(() => logged(() => this.tell('AfterTransactionRollback')));
  }

  /** @throws Error where no statement may run any more */
  check(): void {
    if (this.over) throw new Error('The transaction has ended: await everything inside it.');
    this.throwFatal();
  }

  /**
   * Resolves when no statement is under way; at the latest after the time that a transaction may take, as a subscriber
   * may keep a statement from ever running. It is refused, should it come later.
   */
  async quiet(): Promise<void> {
    if (this.underWay === 0) return;
    this.onQuiet ??= Promise.withResolvers<void>();
    const timer = setTimeout(this.onQuiet.resolve, this.dataSource.options.writeLimitMs);
    await this.onQuiet.promise;
    clearTimeout(timer);
  }

  /** Whether there are subscribers. */
  private get isHeard(): boolean {
    return this.dataSource.subscribers.length > 0;
  }

  private async told<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    await this.tell('BeforeTransactionStart');
    await this.tell('AfterTransactionStart');
    const result = await work(this.runner.manager);
    await this.tell('BeforeTransactionCommit');
    return result;
  }

  /** Subscribers hear of statements, and may run others because of it: those have turns of their own. */
  private inside<T>(level: Level, run: () => Promise<T>): Promise<T> {
    return enter({ dataSource: this.dataSource, level, turns: new Turns() }, run);
  }

  private tell(event: TransactionEvent): Promise<void> {
    return broadcast(this.runner, event);
  }

  private async runNested<T>(level: Level, work: () => Promise<T>): Promise<T> {
    const { dataSource, runner } = this;
    level.innermost.check();
    await runner.startTransaction();
    return enter({ dataSource, level: level.innermost, turns: new Turns() }, async () => {
      try {
        const result = await work();
        await runner.commitTransaction();
        return result;
      } catch (error) {
        // It may be the reason why there is nothing left to roll back.
        await runner.rollbackTransaction().catch(() => undefined);
        throw error;
      }
    });
  }

  private throwFatal(): void {
    if (this.fatal) throw this.fatal.error;
  }

  /** Where the code that runs now is in it. */
  get placeNow(): { readonly level: Level; readonly turns: Turns } {
    const place = placeIn(this.dataSource);
    const { level, turns } = place?.level?.transaction === this ? place : this.place;
    return { level: level!, turns: turns! };
  }

  /** A savepoint that cannot be made, released or gone back to leaves nothing to go on from. */
  private async boundary<T>(run: () => Promise<T>): Promise<T> {
    this.check();
    this.underWay += 1;
    try {
      return await run();
    } catch (error) {
      this.fatal ??= { error };
      throw error;
    } finally {
      this.through();
    }
  }

  private through(): void {
    this.underWay -= 1;
    if (this.underWay > 0) return;
    this.onQuiet?.resolve();
    this.onQuiet = undefined;
  }
}

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
