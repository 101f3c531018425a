import type { Database, Statement } from 'better-sqlite3';
import type { Pool, PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import { UnitGuard } from '../unit-guard.js';

export type Row = Record<string, unknown>;

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
  private readonly onSqlite = new WeakMap<Database, Statement<unknown[], Row>>();

  constructor(private readonly sql: string) {}

  /** Runs it on the connection that a manager stands for: its unit of work's, or one that reads. */
  rows(manager: EntityManager, values: unknown[]): Promise<Row[]> {
    return this.rowsOfEach(manager, [values], (rows) => rows);
  }

  /** Runs it once for each list of values. Answers what `map` makes of all their rows. */
  rowsOfEach<T>(manager: EntityManager, lists: unknown[][], map: (rows: Row[]) => T): Promise<T> {
    return UnitGuard.run(manager, this.sql, () => this.run(manager, lists, map));
  }

  // One promise for it all: each costs a hot path about as much as binding a value.
  private async run<T>(manager: EntityManager, lists: unknown[][], map: (rows: Row[]) => T): Promise<T> {
    const { driver } = manager.dataSource;
    if (driver.options.type === 'better-sqlite3') {
      const statement = this.on((driver as unknown as { databaseConnection: Database }).databaseConnection);
      if (statement.reader) return map(lists.flatMap((values) => statement.all(values)));
      for (const values of lists) statement.run(values);
      return map([]);
    }
    const client = manager.queryRunner
      ? ((await manager.queryRunner.connect()) as PoolClient)
      : (driver as unknown as { master: Pool }).master;
    const results: Row[][] = [];
    for (const values of lists) {
      results.push((await client.query<Row>({ name: this.name, text: this.sql, values })).rows);
    }
    return map(results.flat());
  }

  private on(database: Database): Statement<unknown[], Row> {
    let statement = this.onSqlite.get(database);
    if (!statement) {
      statement = database.prepare(this.sql);
      this.onSqlite.set(database, statement);
    }
    return statement;
  }
}
