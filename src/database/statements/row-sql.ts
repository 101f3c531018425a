import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { CompiledStatement } from './compiled-statement.js';
import { EntityTable } from './entity-table.js';

/** How many new rows one look goes through. */
const LOOK_ROWS = 1_000;

/** Writes the SQL that finds rows of one entity by their ids. */
export class RowSql {
  private readonly table: EntityTable;

  constructor(entity: EntityTarget<ObjectLiteral>, dataSource: DataSource) {
    this.table = new EntityTable(dataSource, entity);
  }

  /** A statement that answers the `last` id of all, if there is one. */
  newest(): CompiledStatement {
    return new CompiledStatement(this.newestAs('last'));
  }

  /**
   * A statement that answers the `newest` id, the last before which no id after `$1` is missing, as `unbroken`, and where
   * that is another, who is writing; whether the server is a `standby`, which knows nothing of those, and how far the
   * write-ahead log is written there, or replayed, as `lsn`.
   *
   * These are read after the ids, though it is one statement: its snapshot is taken before, and pg_locks is as it is
   * at the moment (PostgreSQL's manual, 53.13).
   *
   * @param writers a statement that answers those who are writing, where a smaller id may come after a larger
   */
  look(writers: string | undefined): CompiledStatement {
    if (writers === undefined) return new CompiledStatement(this.newestAs('newest'));
    const unbroken =
      'SELECT max(r."id") FROM (SELECT "id", row_number() OVER (ORDER BY "id") AS n ' +
      `FROM ${this.table.name} WHERE "id" > $1::bigint ORDER BY "id" LIMIT ${LOOK_ROWS}) r ` +
      'WHERE r."id" = $1::bigint + r.n';
    return new CompiledStatement(
      `SELECT n."newest", n."unbroken", CASE WHEN n."newest" > greatest(n."unbroken", $1::bigint) ` +
        `THEN (SELECT json_agg(w) FROM (${writers}) w) END AS "writers", ` +
        `pg_is_in_recovery() AS "standby", (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ` +
        `ELSE pg_current_wal_insert_lsn() END - '0/0'::pg_lsn)::float8 AS "lsn" ` +
        // Without OFFSET the ids would be looked for in each place where they are named.
        `FROM (SELECT (${this.newestAs('newest')}) AS "newest", (${unbroken}) AS "unbroken" OFFSET 0) n`,
    );
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

  /** A statement that answers such a window's rows after `$1`, as the database has them, and no standby. */
  rowsAfter(maxRows: number, maxBytes: number): CompiledStatement {
    const { name, properties } = this.table;
    const window = this.windowOf('"id" > $1', maxRows, maxBytes);
    return new CompiledStatement(
      `SELECT ${properties} FROM ${name} WHERE "id" > $1 AND "id" <= (${window}) ORDER BY "id"`,
      true,
    );
  }

  private newestAs(name: string): string {
    return `SELECT "id" AS "${name}" FROM ${this.table.name} ORDER BY "id" DESC LIMIT 1`;
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
