import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import {
  type EntityManager,
  QueryFailedError,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';
import type { Engine } from '../engine.js';
import {
  DatabaseUnavailableError,
  isConnectionLost,
  isSerializationFailure,
  isStalePlan,
  TransactionTimeoutError,
} from '../errors.js';
import { currentName, enter } from '../places.js';
import type { OpenTransaction } from '../runner-transaction.js';
import type { SessionDataSource } from '../session-data-source.js';
import type { CompiledStatement, Row } from '../statements/compiled-statement.js';
import { withTimeLimit } from '../time-limit.js';
import { Transaction } from '../transaction.js';
import { Turns } from '../turns.js';
import { dropConnection, type IsolationLevel, retire, withManager } from '../typeorm-internals.js';
import { PostgresChanges } from './changes.js';
import { postgresDialect } from './dialect.js';
import { SessionPostgresDriver } from './driver.js';
import { PostgresMaintenance } from './maintenance.js';
import { PostgresQueryRunner } from './query-runner.js';
import { ReadPipelines } from './reads.js';

/** How long what is nobody's request may take. */
const HELPER_LIMIT_MS = 5_000;

/**
 * PostgreSQL: a transaction is SERIALIZABLE, on a connection of its own; a single statement is READ COMMITTED, as it has
 * nothing that it read before and could act on too late.
 *
 * PostgreSQL ends all but one of the transactions that would spoil each other (its manual, 13.2.3). Such a one is run again
 * from its start, so that what it read is read anew.
 */
export class PostgresEngine implements Engine {
  readonly driver: SessionPostgresDriver;
  readonly dialect = postgresDialect;
  readonly isImmediate = false;
  readonly changes: PostgresChanges;
  readonly maintenance: PostgresMaintenance;
  private readonly logger = new Logger('Database');
  /** Those that have lost go one after another: they would spoil each other again. */
  private readonly losers = new Turns();
  private reads?: ReadPipelines;

  constructor(private readonly dataSource: SessionDataSource) {
    this.driver = new SessionPostgresDriver(dataSource, this);
    this.changes = new PostgresChanges(dataSource, (limitMs) => this.driver.newClient('listener', limitMs));
    this.maintenance = new PostgresMaintenance(() => this.driver.newClient('housekeeping', HELPER_LIMIT_MS));
  }

  /** Begins to read, on the pools that the driver has opened. */
  open(): void {
    this.reads = new ReadPipelines(this.driver.slaves[0] as Pool);
    this.changes.open();
  }

  async close(): Promise<void> {
    await this.changes.close();
  }

  async transaction<T>(
    isolation: IsolationLevel | undefined,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const level = isolation ?? this.dataSource.options.isolationLevel ?? 'SERIALIZABLE';
    const end = Date.now() + this.dataSource.options.writeWaitMs;
    const attempt = () => this.attempt(level, work);
    for (let tries = 1; ; tries += 1) {
      try {
        return await (tries === 1 ? attempt() : this.losers.run(attempt));
      } catch (error) {
        if (!isSerializationFailure(error)) throw error;
        if (Date.now() > end) {
          throw new DatabaseUnavailableError(`Others kept changing what ${currentName()} needs.`, {
            cause: error,
          });
        }
        // The winner may not have committed yet, and other processes have losers of their own.
        await delay(Math.random() * Math.min(100, 2 ** tries));
      }
    }
  }

  async statement<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner('master');
    try {
      await runner.connect();
      // Until then others join who share the statement, such as those who add log entries.
      await nextTurn();
      return await work(runner.manager);
    } finally {
      await runner.release();
    }
  }

  async execute<T>(
    sql: CompiledStatement,
    lists: readonly unknown[][],
    map: (rows: Row[]) => T,
    runner?: QueryRunner,
  ): Promise<T> {
    if (!runner && sql.reads && this.reads && lists.length === 1) return this.read(sql, lists[0]!, map);
    const own = runner as PostgresQueryRunner | undefined;
    const transaction = own?.transaction.current;
    if (own && transaction) {
      return transaction.statement(sql.text, async () => {
        await own.ready(sql.text);
        return map(await rowsOf(sql, lists, own));
      });
    }
    if (own?.isReleased) throw new QueryRunnerAlreadyReleasedError();
    if (lists.length > 1 || this.mustTell(sql.text)) {
      return this.transaction('READ COMMITTED', (manager) =>
        this.execute(sql, lists, map, manager.queryRunner),
      );
    }
    const run = () => (own ? rowsOf(sql, lists, own) : this.outside(sql, lists));
    try {
      return map(await run());
    } catch (error) {
      // Nothing was done, and outside a transaction nothing is lost.
      if (!isStalePlan(error)) throw error;
      return map(await run());
    }
  }

  async begin(runner: QueryRunner, sql: string): Promise<OpenTransaction> {
    const transaction = new Transaction(this.dataSource, () => runner);
    const client = (await runner.connect()) as PoolClient;
    await client.query(sql);
    let undone: Promise<void> | undefined;
    const rollBack = async (error: unknown): Promise<void> => {
      await transaction.abandon(error);
      await this.rollBack(client, runner);
    };
    const undo = (error: unknown): Promise<void> => (undone ??= rollBack(error));
    const { writeLimitMs } = this.dataSource.options;
    const giveUp = (): void => void undo(this.timeout(transaction.name));
    const timer = setTimeout(giveUp, writeLimitMs);
    return {
      transaction,
      commit: async () => {
        clearTimeout(timer);
        try {
          await undone;
          await transaction.end();
          await this.commit(client, transaction);
        } catch (error) {
          await undo(error);
          throw error;
        }
      },
      rollback: async () => {
        clearTimeout(timer);
        await undo(new Error('The transaction was rolled back.'));
      },
    };
  }

  async changeSchema<T>(work: () => Promise<T>): Promise<T> {
    const { dataSource } = this;
    const pool = await this.driver.createUnlimitedPool();
    const users = new Set<QueryRunner>();
    try {
      return await enter({ dataSource, direct: { pool, users } }, work);
    } finally {
      // TypeORM keeps what it has when a migration cannot be run.
      for (const runner of users) await runner.release();
      await pool.end();
    }
  }

  endsTransaction(error: unknown): boolean {
    return isSerializationFailure(error) || isConnectionLost(error);
  }

  async probe(): Promise<void> {
    // Takes a transaction id, which is written to the log and waits for the disk. Fails on a stand-by server.
    await this.dataSource.query('SELECT pg_current_xact_id()');
  }

  /** Whether others must hear of what a statement writes, which takes a transaction. */
  mustTell(sql: string): boolean {
    return this.changes.tablesWrittenBy(sql).length > 0;
  }

  /** Reads with others that read now. */
  private async read<T>(sql: CompiledStatement, values: unknown[], map: (rows: Row[]) => T): Promise<T> {
    const { name, text } = sql;
    try {
      const { rows } = await this.reads!.query({ name, text, values });
      return map(rows as Row[]);
    } catch (error) {
      if (!isStalePlan(error)) throw new QueryFailedError(text, values, error as Error);
      // Others may have found out, too.
      if (sql.name === name) sql.renew();
      return this.read(sql, values, map);
    }
  }

  /** Runs prepared SQL outside of all transactions: it is one. */
  private async outside(sql: CompiledStatement, lists: readonly unknown[][]): Promise<Row[]> {
    const client = await (this.driver.master as Pool).connect();
    let failure: unknown;
    try {
      return await rowsOf(sql, lists, client);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(isConnectionLost(failure));
    }
  }

  private async attempt<T>(level: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const transaction = new Transaction(this.dataSource, (own) => this.newRunner(own));
    const runner = transaction.runner as PostgresQueryRunner;
    const client = await runner.connect();
    // Nobody waits for the answer, but what writes: that saves a way to the server and back.
    const begun = client.query(`BEGIN ISOLATION LEVEL ${level} READ WRITE`);
    begun.catch(() => undefined);
    runner.begun = begun;
    let result: T;
    try {
      const { writeLimitMs } = this.dataSource.options;
      result = await withTimeLimit(transaction.run(work), writeLimitMs, () => this.timeout(transaction.name));
      await begun;
      await this.commit(client, transaction);
    } catch (error) {
      await transaction.abandon(error);
      await this.rollBack(client, runner);
      await this.leave(runner);
      await transaction.rolledBack();
      await begun;
      throw error;
    }
    await this.leave(runner);
    await transaction.committed();
    return result;
  }

  private async leave(runner: PostgresQueryRunner): Promise<void> {
    await runner.release();
    retire(runner, this.dataSource);
  }

  private newRunner(transaction: Transaction): QueryRunner {
    return withManager(new PostgresQueryRunner(this.driver, 'master', transaction), this.dataSource);
  }

  private async commit(client: PoolClient, { written }: Transaction): Promise<void> {
    const sql = this.changes.commit(written);
    const result: unknown = await client.query(sql).catch((error: Error) => {
      throw new QueryFailedError(sql, [], error);
    });
    const { command } = [result].flat().at(-1) as { command: string };
    // PostgreSQL's answer to the COMMIT of a transaction in which a statement has failed.
    if (command === 'ROLLBACK')
      throw new Error('PostgreSQL has rolled back the transaction: a statement of it failed.');
  }

  /** Undoes what is open, or drops a connection that does not answer: its server ends the transaction then. */
  private async rollBack(client: PoolClient, runner: QueryRunner): Promise<void> {
    try {
      await client.query('ROLLBACK');
    } catch (error) {
      await dropConnection(runner, error);
    }
  }

  private timeout(name: string): TransactionTimeoutError {
    const error = new TransactionTimeoutError(name, this.dataSource.options.writeLimitMs);
    this.logger.error(error.message);
    return error;
  }
}

/** The rows of prepared SQL, run once for each list of values. */
async function rowsOf(
  sql: CompiledStatement,
  lists: readonly unknown[][],
  on: PostgresQueryRunner | PoolClient,
): Promise<Row[]> {
  const connection = on instanceof PostgresQueryRunner ? await on.connect() : on;
  const { name, text } = sql;
  const all: Row[][] = [];
  for (const values of lists) {
    try {
      const { fields, rows, rowCount } = await connection.query({ name, text, values });
      all.push(fields.length > 0 ? (rows as Row[]) : [{ changes: rowCount ?? 0 }]);
    } catch (error) {
      if (isStalePlan(error) && sql.name === name) sql.renew();
      throw new QueryFailedError(text, values, error as Error);
    }
  }
  return all.flat();
}
