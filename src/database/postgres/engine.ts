import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { type EntityManager, QueryFailedError, type QueryRunner } from 'typeorm';
import type { Engine } from '../engine.js';
import {
  codeOf,
  DatabaseUnavailableError,
  isConnectionLost,
  isConnectionUseless,
  isReadTimeout,
  isSerializationFailure,
  isStalePlan,
  ofWrite,
  TransactionTimeoutError,
} from '../errors.js';
import { type Direct, enter, isDirect } from '../places.js';
import type { OpenTransaction } from '../runner-transaction.js';
import type { SessionDataSource } from '../session-data-source.js';
import type { CompiledStatement, Row } from '../statements/compiled-statement.js';
import { withTimeLimit } from '../time-limit.js';
import { Transaction } from '../transaction.js';
import { Turns } from '../turns.js';
import { dropConnection, type IsolationLevel, retire, withManager } from '../typeorm-internals.js';
import { notify, PostgresChanges } from './changes.js';
import { postgresDialect } from './dialect.js';
import { connect, SessionPostgresDriver } from './driver.js';
import { PostgresMaintenance } from './maintenance.js';
import { PostgresQueryRunner } from './query-runner.js';
import { PostgresProbe } from './probe.js';
import { ReadPipelines } from './reads.js';

/** How long what is nobody's request may take. */
const HELPER_LIMIT_MS = 5_000;

/** How often a read is prepared anew, each time because a table has changed. */
const STALE_TRIES = 5;

const SELECT = /^\s*SELECT\b/i;

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
  private readonly prober: PostgresProbe;
  private reads?: ReadPipelines;

  constructor(private readonly dataSource: SessionDataSource) {
    this.driver = new SessionPostgresDriver(dataSource, this);
    this.prober = new PostgresProbe(dataSource);
    this.changes = new PostgresChanges(dataSource, (limitMs) => this.driver.newClient('listener', limitMs));
    this.maintenance = new PostgresMaintenance(() => this.driver.newClient('housekeeping', HELPER_LIMIT_MS));
  }

  get standbyReads(): number {
    return this.reads?.onStandby ?? 0;
  }

  /** Begins to read, on the pools that the driver has opened. */
  open(): void {
    this.reads = new ReadPipelines((this.driver.slaves[0] ?? this.driver.master) as Pool);
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
    const end = performance.now() + this.dataSource.options.writeWaitMs;
    for (let tries = 1; ; tries += 1) {
      const transaction = new Transaction(this.dataSource, (own) => this.newRunner(own));
      try {
        if (tries > 1)
          await this.losers.takeWithin(end - performance.now(), () => this.lost(transaction.name));
        let result: T;
        try {
          result = await this.attempt(transaction, level, work);
        } finally {
          if (tries > 1) this.losers.pass();
        }
        // Not before others have their turn: what is called back may lose, too.
        await transaction.committed();
        return result;
      } catch (error) {
        await transaction.rolledBack();
        if (!isSerializationFailure(error)) throw error;
        if (performance.now() > end) throw this.lost(transaction.name, error);
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
    if (!runner && sql.reads && !sql.current && this.reads && lists.length === 1)
      return this.read(sql, lists[0]!, map);
    const own = runner as PostgresQueryRunner | undefined;
    const transaction = own?.transaction.current;
    if (own && transaction) {
      return transaction.statement(sql.text, async () => {
        await own.ready(sql.text);
        return map(await rowsOf(sql, lists, await own.connect(), own));
      });
    }
    if (own?.isReleased) throw own.releaseError();
    const run = () => (own ? this.onRunner(sql, lists, own) : this.outside(sql, lists));
    try {
      return map(await run());
    } catch (error) {
      // Nothing was done, and outside a transaction nothing is lost.
      if (!isSerializationFailure(error)) throw error;
      return map(await run());
    }
  }

  async begin(runner: QueryRunner, sql: string): Promise<OpenTransaction> {
    const transaction = new Transaction(this.dataSource, () => runner);
    const client = (await runner.connect()) as PoolClient;
    await client.query(sql).catch(ofStandby);
    let undone: Promise<void> | undefined;
    const rollBack = async (error: unknown): Promise<void> => {
      await transaction.abandon(error);
      await this.rollBack(client, runner as PostgresQueryRunner, error);
    };
    const undo = (error: unknown): Promise<void> => (undone ??= rollBack(error));
    const { writeLimitMs } = this.dataSource.options;
    const giveUp = (): void => {
      const error = this.timeout(transaction.name);
      // Whoever has the query runner may never release it.
      undo(error).then(
        () => dropConnection(runner, error),
        () => undefined,
      );
    };
    const timer = setTimeout(giveUp, writeLimitMs);
    return {
      transaction,
      commit: async () => {
        clearTimeout(timer);
        try {
          await undone;
          await transaction.end();
          await this.commit(client, transaction, runner);
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
    const direct: Direct = { pool, users: new Set() };
    try {
      return await enter({ dataSource, direct }, work);
    } finally {
      direct.over = true;
      // TypeORM keeps what it has when a migration cannot be run.
      for (const runner of direct.users!) await runner.release();
      await pool.end();
      await this.tellAll();
    }
  }

  /** Tells all who watch that anything may have changed. */
  private async tellAll(): Promise<void> {
    const tables = [...this.changes.watchedTables];
    if (tables.length > 0) await this.dataSource.query(notify(this.dataSource, tables));
  }

  endsTransaction(error: unknown): boolean {
    return isSerializationFailure(error) || isConnectionLost(error);
  }

  async probe(): Promise<void> {
    await this.onClient((client) => this.prober.run(client));
  }

  /** Reads with others that read now. */
  private async read<T>(
    sql: CompiledStatement,
    values: unknown[],
    map: (rows: Row[]) => T,
    tries = STALE_TRIES,
  ): Promise<T> {
    const { name, text } = sql;
    let rows: Row[];
    try {
      ({ rows } = await this.reads!.query({ name, text, values }));
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      if (!isStalePlan(error) || tries === 0) throw new QueryFailedError(text, values, error as Error);
      // Others may have found out, too.
      if (sql.name === name) sql.renew();
      return this.read(sql, values, map, tries - 1);
    }
    return map(rows);
  }

  /** Runs prepared SQL outside of all transactions, on the connection of a query runner. */
  private async onRunner(
    sql: CompiledStatement,
    lists: readonly unknown[][],
    runner: PostgresQueryRunner,
  ): Promise<Row[]> {
    const client = await runner.connect();
    return this.telling(client, sql.text, lists.length > 1, () => rowsOf(sql, lists, client, runner));
  }

  /** Runs prepared SQL outside of all transactions: it is one. */
  private async outside(sql: CompiledStatement, lists: readonly unknown[][]): Promise<Row[]> {
    return this.onClient((client) =>
      this.telling(client, sql.text, lists.length > 1, () => rowsOf(sql, lists, client)),
    );
  }

  /** Runs what is a transaction by itself on a connection, which is dropped where it is of no use any more. */
  private async onClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await connect(this.driver.master as Pool);
    let failure: unknown;
    try {
      return await work(client);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (isReadTimeout(failure)) this.driver.cancel(client);
      client.release(isConnectionUseless(failure));
    }
  }

  /** Runs a statement, in a transaction where others must hear of what it writes, or where it runs more than once. */
  async telling<T>(client: PoolClient, sql: string, whole: boolean, run: () => Promise<T>): Promise<T> {
    const written = new Set(isDirect(this.dataSource) ? [] : this.changes.tablesWrittenBy(sql));
    if (written.size === 0 && !whole) return SELECT.test(sql) ? run() : run().catch(failedWrite);
    await client.query('BEGIN');
    try {
      const result = await run();
      await client.query(this.changes.commit(written)).catch(failedWrite);
      return result;
    } catch (error) {
      // Where the connection is broken its server ends the transaction.
      if (!isConnectionUseless(error)) await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private async attempt<T>(
    transaction: Transaction,
    level: string,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const runner = transaction.runner as PostgresQueryRunner;
    try {
      const client = await runner.connect();
      // Nobody waits for the answer, but what writes: that saves a way to the server and back.
      const begun = client.query(`BEGIN ISOLATION LEVEL ${level} READ WRITE`).catch(ofStandby);
      begun.catch((error: unknown) => runner.failed(error));
      runner.begun = begun;
      try {
        const { writeLimitMs } = this.dataSource.options;
        const running = transaction.run(work);
        const result = await withTimeLimit(running, writeLimitMs, () => this.timeout(transaction.name));
        await begun;
        await this.commit(client, transaction, runner);
        return result;
      } catch (error) {
        await transaction.abandon(error);
        await this.rollBack(client, runner, error);
        await begun;
        throw error;
      }
    } finally {
      await this.leave(runner);
    }
  }

  private async leave(runner: PostgresQueryRunner): Promise<void> {
    await runner.release();
    retire(runner, this.dataSource);
  }

  private newRunner(transaction: Transaction): QueryRunner {
    return withManager(new PostgresQueryRunner(this.driver, 'master', transaction), this.dataSource);
  }

  private async commit(client: PoolClient, { written }: Transaction, runner: QueryRunner): Promise<void> {
    if ((runner as PostgresQueryRunner).isStreaming) {
      throw new Error('A transaction ended before one of its streams: read it to its end, or destroy it.');
    }
    const sql = this.changes.commit(written);
    const result: unknown = await client
      .query(sql)
      .catch((error: Error) => failedWrite(new QueryFailedError(sql, [], error)));
    const { command } = [result].flat().at(-1) as { command: string };
    // PostgreSQL's answer to the COMMIT of a transaction in which a statement has failed.
    if (command === 'ROLLBACK')
      throw new Error('PostgreSQL has rolled back the transaction: a statement of it failed.');
  }

  /** Undoes what is open, or drops a connection that does not answer: its server ends the transaction then. */
  private async rollBack(client: PoolClient, runner: PostgresQueryRunner, reason: unknown): Promise<void> {
    runner.failed(reason);
    if (isConnectionUseless(reason)) return runner.drop(reason);
    try {
      await client.query('ROLLBACK');
    } catch (error) {
      await runner.drop(error);
    }
  }

  private lost(name: string, cause?: unknown): DatabaseUnavailableError {
    return new DatabaseUnavailableError(`Others kept changing what ${name} needs.`, { cause });
  }

  private timeout(name: string): TransactionTimeoutError {
    const error = new TransactionTimeoutError(name, this.dataSource.options.writeLimitMs);
    this.logger.error(error.message);
    return error;
  }
}

/** What a write has failed with, or a commit. */
function failedWrite(error: unknown): never {
  throw ofWrite(error);
}

/** A transaction that cannot begin: what a server may not support is writing, as our SQL is nothing else. */
function ofStandby(error: Error): never {
  throw codeOf(error) === '0A000' ? new DatabaseUnavailableError(error.message, { cause: error }) : error;
}

/** The rows of prepared SQL, run once for each list of values. */
async function rowsOf(
  sql: CompiledStatement,
  lists: readonly unknown[][],
  connection: PoolClient,
  runner?: PostgresQueryRunner,
): Promise<Row[]> {
  const { name, text } = sql;
  const all: Row[][] = [];
  for (const values of lists) {
    try {
      const { fields, rows, rowCount } = await connection.query({ name, text, values });
      all.push(fields.length > 0 ? (rows as Row[]) : [{ changes: rowCount ?? 0 }]);
    } catch (error) {
      if (isStalePlan(error) && sql.name === name) sql.renew();
      runner?.failed(error);
      throw new QueryFailedError(text, values, error as Error);
    }
  }
  return all.flat();
}
