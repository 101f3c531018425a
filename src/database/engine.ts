import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { DatabaseChanges } from './changes.js';
import type { Dialect } from './dialect.js';
import type { Maintenance } from './maintenance.js';
import type { OpenTransaction } from './runner-transaction.js';
import type { CompiledStatement, Row } from './statements/compiled-statement.js';
import type { IsolationLevel } from './typeorm-internals.js';

/** What the data source asks of SQLite and of PostgreSQL. */
export interface Engine {
  readonly driver: DataSource['driver'];
  readonly dialect: Dialect;
  readonly changes: DatabaseChanges;
  readonly maintenance: Maintenance;

  /**
   * Runs `work` as a transaction. Resolves once it is durable.
   *
   * @throws what `work` throws, after its writes are undone, or a DatabaseUnavailableError
   */
  transaction<T>(
    isolation: IsolationLevel | undefined,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T>;

  /** Runs `work`, which is one statement, when its turn has come. Resolves once it is durable. */
  statement<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;

  /** Runs prepared SQL once for each list of values, where the manager's query runner is, or outside of one. */
  execute<T>(
    sql: CompiledStatement,
    lists: readonly unknown[][],
    map: (rows: Row[]) => T,
    runner?: QueryRunner,
  ): Promise<T>;

  /** How many reads were sent to a standby until now, which may be behind what others have answered. */
  readonly standbyReads: number;

  /** Begins a query runner's own transaction with a statement, when its turn has come. */
  begin(runner: QueryRunner, sql: string): Promise<OpenTransaction>;

  /** Runs `work`, which changes the schema, as TypeORM would: without limits of time, and on SQLite while nobody else writes. */
  changeSchema<T>(work: () => Promise<T>): Promise<T>;

  /** Whether a statement is through when the call that runs it returns. */
  readonly isImmediate: boolean;

  /** Whether nothing is left of a transaction in which a statement failed with this error. */
  endsTransaction(error: unknown): boolean;

  /** Writes something harmless, durably. @throws where the database takes no writes now */
  probe(): Promise<void>;
}
