import type { EntityManager, QueryRunner } from 'typeorm';
import type { Level } from './level.js';
import { enter, type Place, placeIn } from './places.js';
import type { SessionDataSource } from './session-data-source.js';
import type { Transaction } from './transaction.js';
import { Turns } from './turns.js';

/** A savepoint that is open, and the turn that it has where it was begun. */
interface OpenSavepoint {
  readonly place: Place;
  readonly level: Level;
  readonly turns: Turns;
}

/**
 * A query runner that somebody makes inside a transaction.
 *
 * There is one connection, and so it is the transaction's own query runner. What this one begins is a savepoint, which has
 * the turn of the place where it was begun until it ends: nothing else gets into it.
 */
export function shareRunner(transaction: Transaction, dataSource: SessionDataSource): QueryRunner {
  const shared = new SharedRunner(transaction, dataSource);
  return new Proxy(transaction.runner, {
    get(target, key, proxy) {
      if (key === 'manager') return (shared.manager ??= dataSource.createEntityManager(proxy as QueryRunner));
      return Reflect.get(key in shared ? shared : target, key) as unknown;
    },
  });
}

class SharedRunner {
  manager?: EntityManager;
  private readonly open: OpenSavepoint[] = [];

  constructor(
    private readonly of: Transaction,
    private readonly dataSource: SessionDataSource,
  ) {}

  /** As RunnerTransaction has it: the transaction, with statements in the savepoint that is open. */
  readonly transaction = {
    current: {
      statement: <T>(sql: string, run: () => Promise<T>) => this.within(() => this.of.statement(sql, run)),
      nested: <T>(work: () => Promise<T>) => this.within(() => this.of.nested(work)),
      enter: <T>(work: () => T) => this.within(work),
    },
  };

  readonly query = (...args: Parameters<QueryRunner['query']>): Promise<unknown> =>
    this.within(() => this.of.runner.query(...args));

  readonly startTransaction = async (...args: Parameters<QueryRunner['startTransaction']>): Promise<void> => {
    const { level, turns } = this.within(() => this.of.placeNow);
    level.enter();
    await turns.take();
    try {
      await this.within(() => this.of.runner.startTransaction(...args));
    } catch (error) {
      this.leave({ level, turns });
      throw error;
    }
    const place = { dataSource: this.dataSource, level: level.innermost, turns: new Turns() };
    this.open.push({ place, level, turns });
  };

  readonly commitTransaction = async (): Promise<void> => {
    await this.within(() => this.of.runner.commitTransaction());
    this.leave(this.open.pop());
  };

  readonly rollbackTransaction = async (): Promise<void> => {
    try {
      await this.within(() => this.of.runner.rollbackTransaction());
    } finally {
      this.leave(this.open.pop());
    }
  };

  /** Undoes what was not committed. The transaction goes on, and has the connection. */
  readonly release = async (): Promise<void> => {
    // The reason may be that all has failed.
    while (this.open.length > 0) await this.rollbackTransaction().catch(() => undefined);
  };

  readonly [Symbol.asyncDispose] = async (): Promise<void> => {
    try {
      while (this.open.length > 0) await this.commitTransaction();
    } finally {
      await this.release();
    }
  };

  private within<T>(work: () => T): T {
    const place = this.open.at(-1)?.place;
    // What is nested deeper has a place of its own.
    const isInside = place && placeIn(this.dataSource)?.level?.isIn(place.level!);
    return place && !isInside ? enter(place, work) : work();
  }

  private leave(open: Omit<OpenSavepoint, 'place'> | undefined): void {
    open?.turns.pass();
    open?.level.leave();
  }
}
