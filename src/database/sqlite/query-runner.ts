import { type QueryResult, type QueryRunner, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { type Direct, placeIn } from '../places.js';
import { RunnerTransaction } from '../runner-transaction.js';
import type { Transaction } from '../transaction.js';
import { BetterSqlite3QueryRunner, withoutStatementCache } from '../typeorm-internals.js';
import type { SqliteDriver } from './driver.js';
import { kindOf } from './statement-kinds.js';

/**
 * A query runner of SQLite: what reads outside a transaction goes to the connection that reads, and all else takes its
 * turn on the only one that writes.
 */
export class SqliteQueryRunner extends BetterSqlite3QueryRunner {
  declare readonly driver: SqliteDriver;
  readonly transaction: RunnerTransaction;
  /** Where the schema is changed and nobody else writes, if it was made there. */
  private readonly direct?: Direct;

  constructor(driver: SqliteDriver, given?: Transaction) {
    super(driver);
    withoutStatementCache(this);
    this.direct = placeIn(driver.dataSource)?.direct;
    this.transaction = new RunnerTransaction(this, () => driver.engine.begin(this), given);
  }

  override async connect(): Promise<unknown> {
    const { reader, writer, engine } = this.driver;
    engine.mustHaveFiles();
    // The last moment before a statement runs: a subscriber may have held it up for longer than the transaction.
    this.transaction.current?.check();
    return this.transaction.current || this.direct || !reader ? writer : reader;
  }

  override query(sql: string, parameters?: unknown[], useStructuredResult?: false): Promise<unknown>;
  override query(
    sql: string,
    parameters: unknown[] | undefined,
    useStructuredResult: true,
  ): Promise<QueryResult>;
  override async query(sql: string, parameters?: unknown[], structured = false): Promise<unknown> {
    const run = (): Promise<unknown> => super.query(sql, parameters, structured);
    if (this.direct?.over) throw new QueryRunnerAlreadyReleasedError();
    // TypeORM refuses what comes after the release.
    if (this.direct || (this.isReleased && !this.transaction.current)) return run();
    // Awaited, here and below, so that the caller is in the stack of an error.
    return await this.transaction.statement(sql, run, () => this.outside(sql, parameters, structured));
  }

  private async outside(
    sql: string,
    parameters: unknown[] | undefined,
    structured: boolean,
  ): Promise<unknown> {
    const kind = kindOf(sql, this.driver.reader);
    if (kind === 'read') return await super.query(sql, parameters, structured);
    const { engine } = this.driver;
    if (kind === 'alone') {
      const run = (runner: QueryRunner) => runner.query(sql, parameters, structured as true);
      const result = await engine.runAlone(sql, run);
      if (/^\s*ATTACH\b/i.test(sql)) this.driver.leaveReader();
      return result;
    }
    return await engine.statement((manager) =>
      manager.queryRunner!.query(sql, parameters, structured as true),
    );
  }

  override async release(): Promise<void> {
    if (this.direct) return super.release();
    await this.transaction.release();
    this.isReleased = true;
    await super.release();
  }
}
