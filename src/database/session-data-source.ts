import {
  DataSource,
  type DataSourceOptions,
  type EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type QueryRunner,
  TypeORMError,
} from 'typeorm';
import type { DatabaseChanges } from './changes.js';
import type { Engine } from './engine.js';
import type { Maintenance } from './maintenance.js';
import { PostgresEngine } from './postgres/engine.js';
import { placeIn } from './places.js';
import { SessionManager } from './session-manager.js';
import { shareRunner } from './shared-runner.js';
import { SqliteEngine } from './sqlite/engine.js';
import { PreparedStatements } from './statements/prepared-statements.js';
import {
  type BetterSqlite3DataSourceOptions,
  type IsolationLevel,
  type PostgresDataSourceOptions,
  setDriver,
  validateIsolationLevel,
} from './typeorm-internals.js';

/** TypeORM's options for SQLite (better-sqlite3) or PostgreSQL, and limits of time. */
export type SessionDataSourceOptions = (BetterSqlite3DataSourceOptions | PostgresDataSourceOptions) & {
  /** How long a transaction waits for its turn, in milliseconds: 10,000. */
  readonly writeWaitMs?: number;
  /** How long a transaction, or a statement on PostgreSQL, may run before it is given up, in milliseconds: 5,000. Changes of the schema
   * by `synchronize`, `dropDatabase` and migrations have no limit. */
  readonly writeLimitMs?: number;
};

const DEFAULTS = { writeWaitMs: 10_000, writeLimitMs: 5_000 };

/**
 * A TypeORM DataSource that is right under concurrency, on SQLite and PostgreSQL (README.md beside this file).
 *
 * Repositories, managers, query builders and query runners are TypeORM's, and mean what its documentation says. What
 * runs inside `transaction(work)` joins that transaction, whichever of them it uses; what writes outside of one is a
 * transaction of its own. A write is durable when its promise resolves.
 */
export class SessionDataSource extends DataSource {
  declare readonly options: SessionDataSourceOptions & typeof DEFAULTS;
  readonly engine: Engine;
  private readonly prepared = new Map<EntityTarget<ObjectLiteral>, PreparedStatements<ObjectLiteral>>();

  /** @throws TypeORMError where the options are for another database */
  constructor(options: SessionDataSourceOptions | DataSourceOptions) {
    super({ ...DEFAULTS, ...options });
    // TypeORM gives no other way to a driver of one's own.
    this.engine = this.options.type === 'better-sqlite3' ? new SqliteEngine(this) : this.postgres();
    setDriver(this, this.engine.driver);
  }

  /** Tells which entities commits have changed, those of other processes among them. */
  get changes(): DatabaseChanges {
    return this.engine.changes;
  }

  /** Work that one process does for all on the database. */
  get maintenance(): Maintenance {
    return this.engine.maintenance;
  }

  override createEntityManager(runner?: QueryRunner): EntityManager {
    return new SessionManager(this, runner);
  }

  /** A query runner of its own; inside a transaction one of that, in which `startTransaction()` begins a savepoint. */
  override createQueryRunner(mode: 'master' | 'slave' = 'master'): QueryRunner {
    const transaction = this.transactionNow;
    return transaction ? shareRunner(transaction, this) : super.createQueryRunner(mode);
  }

  override async synchronize(dropBeforeSync?: boolean): Promise<void> {
    await this.changeSchema(() => super.synchronize(dropBeforeSync));
  }

  override async dropDatabase(): Promise<void> {
    await this.changeSchema(() => super.dropDatabase());
  }

  override runMigrations(options?: Parameters<DataSource['runMigrations']>[0]) {
    return this.changeSchema(() => super.runMigrations(options));
  }

  override async undoLastMigration(options?: Parameters<DataSource['undoLastMigration']>[0]): Promise<void> {
    await this.changeSchema(() => super.undoLastMigration(options));
  }

  /** Writes something harmless, durably. @throws where the database takes no writes now */
  probe(): Promise<void> {
    return this.engine.probe();
  }

  /** Runs `work` as a transaction, or inside one as a savepoint. */
  transact<T>(
    isolation: IsolationLevel | undefined,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    validateIsolationLevel(this.driver.supportedIsolationLevels, isolation);
    const transaction = this.transactionNow;
    return transaction
      ? transaction.nested(() => work(transaction.runner.manager))
      : this.engine.transaction(isolation, work);
  }

  /** The statements of an entity that are compiled once. None of what is no entity: TypeORM says so. */
  statementsOf<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
  ): PreparedStatements<Entity> | undefined {
    let statements = this.prepared.get(target);
    if (!statements) {
      if (!this.hasMetadata(target)) return undefined;
      statements = new PreparedStatements<ObjectLiteral>(target, this);
      this.prepared.set(target, statements);
    }
    return statements as unknown as PreparedStatements<Entity>;
  }

  /** The transaction that the code that runs now is in. */
  get transactionNow() {
    return placeIn(this)?.level?.transaction;
  }

  private changeSchema<T>(work: () => Promise<T>): Promise<T> {
    const place = placeIn(this);
    return place?.level || place?.direct ? work() : this.engine.changeSchema(work);
  }

  private postgres(): Engine {
    if (this.options.type === 'postgres') return new PostgresEngine(this);
    throw new TypeORMError('SessionDataSource is for the types "better-sqlite3" and "postgres".');
  }
}
