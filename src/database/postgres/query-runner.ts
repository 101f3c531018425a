import type { ReadStream } from 'node:fs';
import type { PoolClient } from 'pg';
import type { QueryResult, ReplicationMode } from 'typeorm';
import { placeIn } from '../places.js';
import { RunnerTransaction } from '../runner-transaction.js';
import type { Transaction } from '../transaction.js';
import { clientOf, dropConnection, PostgresQueryRunner as TypeOrmQueryRunner } from '../typeorm-internals.js';
import { listen, type SessionPostgresDriver, stopListening } from './driver.js';

/** A query runner of PostgreSQL, with a connection of its own. Outside a transaction each statement is one. */
export class PostgresQueryRunner extends TypeOrmQueryRunner {
  declare readonly driver: SessionPostgresDriver;
  readonly transaction: RunnerTransaction;
  /** Whether its transaction has begun. Its reads need not wait for that. */
  begun?: Promise<unknown>;
  /** Whether its connection sent statements without waiting, before there was a stream. */
  private pipelined?: boolean;
  /** Whether it is where the schema is changed. */
  private readonly direct: boolean;

  constructor(driver: SessionPostgresDriver, mode: ReplicationMode, given?: Transaction) {
    super(driver, mode);
    const direct = placeIn(driver.dataSource)?.direct;
    this.direct = direct !== undefined;
    direct?.users?.add(this);
    this.transaction = new RunnerTransaction(this, (sql) => driver.engine.begin(this, sql), given);
  }

  override async connect(): Promise<PoolClient> {
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
    const run = (): Promise<unknown> => super.query(sql, parameters, structured);
    // TypeORM refuses what comes after the release.
    if (this.direct || (this.isReleased && !this.transaction.current)) return run();
    const inside = async () => {
      await this.ready(sql);
      return run();
    };
    return await this.transaction.statement(sql, inside, () => {
      const { engine } = this.driver;
      if (!engine.mustTell(sql)) return run();
      return engine.transaction('READ COMMITTED', (manager) =>
        manager.queryRunner!.query(sql, parameters, structured as true),
      );
    });
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

  /** TypeORM's stream of rows. It takes answers while it runs, which others on the connection would wait for. */
  override async stream(...args: Parameters<TypeOrmQueryRunner['stream']>): Promise<ReadStream> {
    this.transaction.current?.check();
    await this.begun;
    // pg has no streams where statements are sent without waiting (its lib/client.js).
    const client = (await this.connect()) as PoolClient & { pipeline: boolean };
    this.pipelined ??= client.pipeline;
    client.pipeline = false;
    return super.stream(...args);
  }

  override async release(): Promise<void> {
    await this.transaction.release();
    const client = clientOf(this);
    if (client && !this.isReleased) listen(client);
    if (client && this.pipelined !== undefined) Object.assign(client, { pipeline: this.pipelined });
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
