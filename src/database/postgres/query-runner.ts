import type { ReadStream } from 'node:fs';
import type { PoolClient } from 'pg';
import { type QueryResult, QueryRunnerAlreadyReleasedError, type ReplicationMode } from 'typeorm';
import { DatabaseUnavailableError, isConnectionUseless, isReadTimeout } from '../errors.js';
import { type Direct, placeIn } from '../places.js';
import { RunnerTransaction } from '../runner-transaction.js';
import type { Transaction } from '../transaction.js';
import { Turns } from '../turns.js';
import { clientOf, dropConnection, PostgresQueryRunner as TypeOrmQueryRunner } from '../typeorm-internals.js';
import { isForOneUse, listen, type SessionPostgresDriver, stopListening } from './driver.js';

/** A query runner of PostgreSQL, with a connection of its own. Outside a transaction each statement is one. */
export class PostgresQueryRunner extends TypeOrmQueryRunner {
  declare readonly driver: SessionPostgresDriver;
  readonly transaction: RunnerTransaction;
  /** Whether its transaction has begun. Its reads need not wait for that. */
  begun?: Promise<unknown>;
  /** Statements outside a transaction are one after another: a stream must meet none on its way. */
  private readonly turns = new Turns();
  private readonly streams = new Set<ReadStream>();
  private givenBack = false;
  /** Why the next one must not have its connection. */
  private useless?: { readonly error: unknown };
  /** Whether its connection sent statements without waiting, before there was a stream. */
  private pipelined?: boolean;
  /** Where the schema is changed, if it was made there. */
  private readonly direct?: Direct;

  constructor(driver: SessionPostgresDriver, mode: ReplicationMode, given?: Transaction) {
    super(driver, mode);
    const direct = placeIn(driver.dataSource)?.direct;
    this.direct = direct;
    direct?.users?.add(this);
    this.transaction = new RunnerTransaction(this, (sql) => driver.engine.begin(this, sql), given);
  }

  override async connect(): Promise<PoolClient> {
    // TypeORM would take another connection, which knows nothing of a transaction.
    if (this.isReleased) throw this.releaseError();
    const client = (await super.connect()) as PoolClient;
    // TypeORM listens from here on. More than it needs would be a leak to whoever counts.
    stopListening(client);
    return client;
  }

  override query(sql: string, parameters?: unknown[], useStructuredResult?: false): Promise<unknown>;
  override query(
    sql: string,
    parameters: unknown[] | undefined,
    useStructuredResult: true,
  ): Promise<QueryResult>;
  override async query(sql: string, parameters?: unknown[], structured = false): Promise<unknown> {
    const run = (): Promise<unknown> => {
      if (this.isReleased) throw this.releaseError();
      return super.query(sql, parameters, structured);
    };
    if (this.direct?.over) throw new QueryRunnerAlreadyReleasedError();
    // TypeORM refuses what comes after the release.
    if (this.direct || (this.isReleased && !this.transaction.current)) return run();
    try {
      return await this.queryInTurn(sql, run);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** Why it runs nothing any more: TypeORM has released it itself when its connection broke. */
  releaseError(): Error {
    return this.givenBack
      ? new QueryRunnerAlreadyReleasedError()
      : new DatabaseUnavailableError('The connection to the database was lost.');
  }

  /** Notes a failure, after which the connection may be of no use to the next one. */
  failed(error: unknown): void {
    if (isConnectionUseless(error)) this.useless ??= { error };
  }

  /** Drops its connection, and what the server still does on it. */
  async drop(error: unknown): Promise<void> {
    const client = clientOf(this);
    if (client && isReadTimeout(error)) this.driver.cancel(client);
    await dropConnection(this, error);
  }

  private async queryInTurn(sql: string, run: () => Promise<unknown>): Promise<unknown> {
    const inside = async () => {
      await this.ready(sql);
      return run();
    };
    const outside = async () => this.driver.engine.telling(await this.connect(), sql, false, run);
    // A subscriber that hears of this one may run others on the same query runner.
    const isHeard = this.driver.dataSource.subscribers.length > 0;
    return await this.transaction.statement(sql, inside, () =>
      isHeard ? outside() : this.turns.run(outside),
    );
  }

  /**
   * Nothing is written before the transaction has begun: what failed to begin would leave each statement for itself.
   *
   * @throws why it has not
   */
  async ready(sql: string): Promise<void> {
    if (!this.begun || /^\s*SELECT\b/i.test(sql)) return;
    await this.begun;
    this.begun = undefined;
  }

  /** TypeORM's stream of rows. It has its turn as a statement has; what comes after it waits for its end. */
  override async stream(...args: Parameters<TypeOrmQueryRunner['stream']>): Promise<ReadStream> {
    const { current } = this.transaction;
    const open = async (): Promise<ReadStream> => {
      const client = (await this.connect()) as PoolClient & { pipeline: boolean };
      // pg has no streams where statements are sent without waiting (its lib/client.js). None is under way after this one.
      await client.query('');
      this.pipelined ??= client.pipeline;
      client.pipeline = false;
      const stream = await super.stream(...args);
      this.streams.add(stream);
      stream.once('close', () => this.streams.delete(stream));
      return stream;
    };
    return current ? current.statement(args[0], open) : this.turns.run(open);
  }

  /** Whether a stream of rows is neither at its end nor destroyed. */
  get isStreaming(): boolean {
    return this.streams.size > 0;
  }

  override async release(): Promise<void> {
    this.givenBack = true;
    await this.transaction.release();
    const client = clientOf(this);
    if (client && !this.isReleased) {
      // The next one who has the connection would get the rest of the rows.
      if (this.isStreaming) return dropConnection(this, new Error('A stream was not read to its end.'));
      if (this.useless) return this.drop(this.useless.error);
      if (isForOneUse(client)) return this.drop(new Error('It leads to a standby.'));
      if (this.pipelined !== undefined) Object.assign(client, { pipeline: this.pipelined });
      listen(client);
    }
    await giveBack(this);
  }
}

/** Gives a query runner's connection back as the next one may have it, or drops it where that cannot be. */
async function giveBack(runner: PostgresQueryRunner): Promise<void> {
  const client = clientOf(runner);
  if (client && !runner.isReleased && client.getTransactionStatus() !== 'I') {
    try {
      await client.query('ROLLBACK');
    } catch (error) {
      return dropConnection(runner, error);
    }
  }
  // Past this class: there is nothing left to undo.
  await TypeOrmQueryRunner.prototype.release.call(runner);
}
