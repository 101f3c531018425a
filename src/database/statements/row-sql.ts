import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { CompiledStatement } from './compiled-statement.js';
import { EntityTable } from './entity-table.js';

/** Writes the SQL that finds rows of one entity by their ids. */
export class RowSql {
  private readonly table: EntityTable;

  constructor(entity: EntityTarget<ObjectLiteral>, dataSource: DataSource) {
    this.table = new EntityTable(dataSource, entity);
  }

  /** A statement that answers the `last` id of all, if there is one. */
  newest(): CompiledStatement {
    return new CompiledStatement(`SELECT "id" AS "last" FROM ${this.table.name} ORDER BY "id" DESC LIMIT 1`);
  }

  /** A statement that answers the id after the first `$1` rows, as `last`, if there are so many. */
  nth(): CompiledStatement {
    return new CompiledStatement(
      `SELECT "id" AS "last" FROM ${this.table.name} ORDER BY "id" LIMIT 1 OFFSET $1`,
    );
  }

  /**
   * A statement that answers the `last` id of the next rows after `$1` and up to `$2`, by id: at most `maxRows`, and
   * at most `maxBytes` of text or one row.
   */
  window(maxRows: number, maxBytes: number): CompiledStatement {
    return new CompiledStatement(this.windowOf('"id" > $1 AND "id" <= $2::bigint', maxRows, maxBytes));
  }

  /** A statement that answers such a window's rows after `$1`, as the database has them. */
  rowsAfter(maxRows: number, maxBytes: number): CompiledStatement {
    const { name, properties } = this.table;
    const window = this.windowOf('"id" > $1', maxRows, maxBytes);
    return new CompiledStatement(
      `SELECT ${properties} FROM ${name} WHERE "id" > $1 AND "id" <= (${window}) ORDER BY "id"`,
    );
  }

  private windowOf(condition: string, maxRows: number, maxBytes: number): string {
    return (
      `SELECT coalesce(max(CASE WHEN w.total <= ${maxBytes} THEN w."id" END), min(w."id")) AS "last" FROM (` +
      `SELECT s."id", sum(s.b) OVER (ORDER BY s."id") AS total FROM (` +
      `SELECT "id", ${this.table.bytes} AS b FROM ${this.table.name} ` +
      `WHERE ${condition} ORDER BY "id" LIMIT ${maxRows}) s) w`
    );
  }
}
