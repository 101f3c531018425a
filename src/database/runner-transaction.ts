import type { QueryRunner } from 'typeorm';
import { type Boundary, boundaryOf } from './boundaries.js';
import type { Transaction } from './transaction.js';
import { setDepth } from './typeorm-internals.js';

/** A transaction that a query runner has begun itself, when its turn had come. */
export interface OpenTransaction {
  readonly transaction: Transaction;
  /** Resolves once it is durable. @throws why it was rolled back instead */
  commit(): Promise<void>;
  /** Undoes it. Never throws. */
  rollback(): Promise<void>;
}

/** The transaction that a query runner's statements are in. */
export function transactionOf(runner: QueryRunner): Transaction | undefined {
  return (runner as unknown as { transaction: RunnerTransaction }).transaction.current;
}

/**
 * The transaction that a query runner is in: the one that it was made for, or one that it begins and ends itself.
 *
 * TypeORM's query runners begin and end transactions and savepoints with statements. It is these that are looked for.
 */
export class RunnerTransaction {
  private own?: OpenTransaction;
  /**
   * @param begin waits for the turn of a transaction, and begins it with a statement
   * @param given the transaction that the query runner was made for: whoever made it begins and ends it
   */
  constructor(
    private readonly runner: object,
    private readonly begin: (sql: string) => Promise<OpenTransaction>,
    private readonly given?: Transaction,
  ) {
    if (given) setDepth(runner, 1);
  }

  /** The transaction that its statements are in. */
  get current(): Transaction | undefined {
    return this.given ?? this.own?.transaction;
  }

  /**
   * Runs a statement of the query runner.
   *
   * @param run runs it on the connection of the transaction
   * @param outside runs it where there is no transaction
   */
  async statement<T>(sql: string, run: () => Promise<T>, outside: () => Promise<T>): Promise<T | undefined> {
    const boundary = boundaryOf(sql);
    const { current } = this;
    if (!boundary) return await (current ? current.statement(sql, run) : outside());
    if (boundary === 'begin' || boundary === 'commit' || boundary === 'rollback') {
      await this.outer(boundary, sql);
      return undefined;
    }
    return await (current ? current.savepoint(boundary, run) : outside());
  }

  /** Undoes what the query runner has not committed when it is released. */
  async release(): Promise<void> {
    const { own } = this;
    if (!own) return;
    this.own = undefined;
    setDepth(this.runner, 0);
    await own.rollback();
  }

  private async outer(boundary: Boundary, sql: string): Promise<void> {
    if (this.given)
      throw new Error(
        'A transaction that transaction(work) has begun ends when work does: return, or throw.',
      );
    const { own } = this;
    if (boundary === 'begin') {
      if (own) throw new Error('The query runner has a transaction already: a nested one is a savepoint.');
      this.own = await this.begin(sql).catch((error: unknown) => {
        // TypeORM takes it for begun.
        setDepth(this.runner, 0);
        throw error;
      });
    } else if (!own) {
      throw new Error('The query runner has no transaction.');
    } else if (boundary === 'commit') {
      await own.commit();
      this.own = undefined;
      // TypeORM tells its subscribers.
      await own.transaction.callBack();
    } else {
      await own.rollback();
      this.own = undefined;
    }
  }
}
