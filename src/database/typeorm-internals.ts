/**
 * All that is used of TypeORM and that its documentation does not promise. `typeorm-internals.spec.ts` says what has
 * changed when an update breaks it.
 */
import type { Database } from 'better-sqlite3';
import type { Pool, PoolClient } from 'pg';
import type { DataSource, EntityManager, EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

export type { PostgresConnectionCredentialsOptions } from 'typeorm/driver/postgres/PostgresConnectionCredentialsOptions.js';
export type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
export type { BetterSqlite3DataSourceOptions } from 'typeorm/driver/better-sqlite3/BetterSqlite3DataSourceOptions.js';
export type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
export { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
export { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
export { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
export { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
export { validateIsolationLevel } from 'typeorm/driver/validate-isolation-level.js';

/** What subscribers are told of a transaction. */
export type TransactionEvent = `${'Before' | 'After'}Transaction${'Start' | 'Commit' | 'Rollback'}`;

/** Tells the subscribers of a query runner's data source. */
export function broadcast(runner: QueryRunner, event: TransactionEvent): Promise<void> {
  return (
    runner as unknown as { broadcaster: { broadcast(event: string): Promise<void> } }
  ).broadcaster.broadcast(event);
}

/** The better-sqlite3 connection behind a data source: the one that writes, where there are two. */
export function connectionOf(dataSource: DataSource): Database {
  return (dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection;
}

/** Gives a query runner of SQLite no statement cache of its own: a cache is a connection's, and runners come and go. */
export function withoutStatementCache(runner: BetterSqlite3QueryRunner): void {
  Object.assign(runner, { cacheSize: 0 });
}

/** Drops a query runner's connection, which TypeORM's `release()` would give back to the pool. */
export function dropConnection(runner: QueryRunner, error: unknown): Promise<void> {
  return (
    runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> }
  ).releasePostgresConnection(error);
}

/** The connection that a query runner of PostgreSQL has, if it has one yet. */
export function clientOf(runner: QueryRunner): PoolClient | undefined {
  return (runner as unknown as { databaseConnection?: PoolClient }).databaseConnection;
}

/** Makes the manager of a query runner that TypeORM has not made. */
export function withManager<Runner extends QueryRunner>(runner: Runner, dataSource: DataSource): Runner {
  return Object.assign(runner, { manager: dataSource.createEntityManager(runner) });
}

/**
 * Takes a query runner out of use whose transaction is over. What still has it, such as an entity with lazy relations,
 * takes another; subscribers that are told of its end have the data source's manager.
 */
export function retire(runner: QueryRunner, { manager }: DataSource): void {
  Object.assign(runner, { isReleased: true, manager });
}

/** How deep in transactions TypeORM takes a query runner to be: from 1 on, its own are savepoints. */
export function setDepth(runner: object, transactionDepth: number): void {
  Object.assign(runner, { isTransactionActive: transactionDepth > 0, transactionDepth });
}

/** Has a PostgreSQL driver read through another pool what is read outside a transaction: its "slaves" are for that. */
export function readThrough(driver: PostgresDriver, pool: Pool): void {
  Object.assign(driver, { slaves: [pool], isReplicated: true });
}

const FROM_ROW = { fromDeserializer: true };

/** An entity as TypeORM makes one of a row. */
export function newEntity(metadata: EntityMetadata, runner: QueryRunner | undefined): ObjectLiteral {
  return metadata.create(runner, FROM_ROW);
}

/** Has a manager find its query runner anew each time it needs one. */
export function bindRunner(manager: EntityManager, find: () => QueryRunner | undefined): void {
  Object.defineProperty(manager, 'queryRunner', { get: find });
}

/** Puts a driver in the place of the one that TypeORM has made. */
export function setDriver(dataSource: DataSource, driver: DataSource['driver']): void {
  Object.assign(dataSource, { driver });
}
