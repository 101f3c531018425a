import type { Database, Statement } from 'better-sqlite3';
import type { EntityManager } from 'typeorm';
import { OutOfIdsError } from '../errors.js';
import type { SessionDataSource } from '../session-data-source.js';
import { PositionalSql } from './positional-sql.js';

export type Row = Record<string, unknown>;

/** What a statement that returns nothing answers instead of rows. */
export interface Written extends Row {
  readonly changes: number;
  /** On SQLite. */
  readonly lastInsertRowid?: number | bigint;
}

/**
 * SQLite gives ids beyond those that are numbers in JavaScript; PostgreSQL's sequences can be made to end before.
 *
 * @throws OutOfIdsError within the transaction, so that none is kept
 */
export function refuseLostId({ lastInsertRowid = 0 }: Partial<Written>, table: string): void {
  if (!Number.isSafeInteger(lastInsertRowid)) throw new OutOfIdsError(table);
}

let count = 0;
const nextName = (): string => `compiled_${(count += 1)}`;

/**
 * SQL that is built once and prepared once on each connection.
 *
 * Its parameters are `$1`, `$2` and so on, on both engines. Each may stand in several places, with a cast such as
 * `$2::bigint` where PostgreSQL needs one.
 *
 * TypeORM builds the text of a query anew at each call, and on SQLite writes numbers into it, so that the database
 * compiles it anew, too: together half the cost of reading a row (docs/adr/0010-prepared-statements.md).
 */
export class CompiledStatement {
  /** PostgreSQL keeps a prepared statement under its name, on each connection by itself. */
  name = nextName();
  /** Whether it writes nothing, and so may run anywhere outside a transaction. */
  readonly reads: boolean;
  private readonly prepared = new WeakMap<Database, Statement<unknown[], Row>>();
  private compiled?: PositionalSql;

  /** @param current whether it must not run on a standby, which may be behind */
  constructor(
    readonly text: string,
    readonly current = false,
  ) {
    this.reads = /^\s*SELECT\b/i.test(text);
  }

  /**
   * Runs it in the transaction that a manager is in, or outside of one. A statement that returns nothing answers a
   * `Written`.
   *
   * @throws QueryFailedError
   */
  rows(manager: EntityManager, values: unknown[]): Promise<Row[]> {
    return this.rowsOfEach(manager, [values], (rows) => rows);
  }

  /** Runs it once for each list of values. Answers what `map` makes of all their rows. */
  rowsOfEach<T>(manager: EntityManager, lists: readonly unknown[][], map: (rows: Row[]) => T): Promise<T> {
    const { engine } = manager.dataSource as SessionDataSource;
    return engine.execute(this, lists, map, manager.queryRunner);
  }

  /** As SQLite has it: prepared once on each connection. */
  preparedOn(database: Database): Statement<unknown[], Row> {
    let statement = this.prepared.get(database);
    if (!statement) {
      statement = database.prepare(this.positional.sql);
      this.prepared.set(database, statement);
    }
    return statement;
  }

  /** Has PostgreSQL prepare it anew: on each connection there is another of the old name. */
  renew(): void {
    this.name = nextName();
  }

  /** The values in the order that SQLite's statement takes them. */
  inOrder(values: unknown[]): unknown[] {
    return this.positional.order(values);
  }

  private get positional(): PositionalSql {
    return (this.compiled ??= new PositionalSql(this.text));
  }
}
