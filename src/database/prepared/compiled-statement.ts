import type { Database, Statement } from 'better-sqlite3';
import type { Pool, PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import { ReadPipelines } from '../postgres/read-pipelines.js';
import { ReadBatch } from '../sqlite/read-batch.js';
import { UnitGuard } from '../unit-guard.js';

export type Row = Record<string, unknown>;

/** What a statement that returns nothing answers instead of rows. */
export interface Written extends Row {
  readonly changes: number;
  /** On SQLite. */
  readonly lastInsertRowid?: number | bigint;
}

let count = 0;

/**
 * SQL that is built once and prepared once on each connection.
 *
 * TypeORM builds the text of a query anew at each call, and on SQLite writes numbers into it, so that the database
 * compiles it anew, too: together half the cost of reading a row (docs/adr/0010-prepared-statements.md).
 */
export class CompiledStatement {
  /** PostgreSQL keeps a prepared statement under its name, on each connection by itself. */
  private readonly name = `daybook_${(count += 1)}`;
  private readonly prepared = new WeakMap<Database, Statement<unknown[], Row>>();

  constructor(private readonly sql: string) {}

  /**
   * Runs it on the connection that a manager stands for: its unit of work's, or one that reads. A statement that
   * returns nothing answers a `Written`.
   */
  rows(manager: EntityManager, values: unknown[]): Promise<Row[]> {
    return this.rowsOfEach(manager, [values], (rows) => rows);
  }

  /** Runs it once for each list of values. Answers what `map` makes of all their rows. */
  rowsOfEach<T>(manager: EntityManager, lists: unknown[][], map: (rows: Row[]) => T): Promise<T> {
    return UnitGuard.run(manager, this.sql, () => this.run(manager, lists, map));
  }

  private run<T>(manager: EntityManager, lists: unknown[][], map: (rows: Row[]) => T): Promise<T> {
    const { driver } = manager.dataSource;
    if (driver.options.type !== 'better-sqlite3') return this.onPostgres(manager, lists, map);
    const { databaseConnection: database } = driver as unknown as { databaseConnection: Database };
    const work = (): T => map(this.onSqlite(database, lists));
    return database.readonly ? ReadBatch.of(database).run(work) : settled(work);
  }

  private onSqlite(database: Database, lists: unknown[][]): Row[] {
    const statement = this.preparedOn(database);
    if (statement.reader) return lists.flatMap((values) => statement.all(values));
    return lists.map((values): Written => ({ ...statement.run(values) }));
  }

  private async onPostgres<T>(
    manager: EntityManager,
    lists: unknown[][],
    map: (rows: Row[]) => T,
  ): Promise<T> {
    const connection = manager.queryRunner
      ? ((await manager.queryRunner.connect()) as PoolClient)
      : ReadPipelines.of((manager.dataSource.driver as unknown as { master: Pool }).master);
    const results: Row[][] = [];
    for (const values of lists) {
      const { fields, rows, rowCount } = await connection.query({ name: this.name, text: this.sql, values });
      results.push(fields.length > 0 ? (rows as Row[]) : [{ changes: rowCount ?? 0 } satisfies Written]);
    }
    return map(results.flat());
  }

  private preparedOn(database: Database): Statement<unknown[], Row> {
    let statement = this.prepared.get(database);
    if (!statement) {
      statement = database.prepare(this.sql);
      this.prepared.set(database, statement);
    }
    return statement;
  }
}

/** What `work` answers or throws, as a promise. */
async function settled<T>(work: () => T): Promise<T> {
  return work();
}
