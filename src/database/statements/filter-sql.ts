import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { CompiledStatement } from './compiled-statement.js';
import { EntityTable } from './entity-table.js';

/** The properties by which rows are looked for: a time as text that sorts, and a text. */
export interface FilterColumns<Entity extends ObjectLiteral> {
  readonly time: keyof Entity & string;
  readonly text: keyof Entity & string;
}

/** Writes the SQL that finds rows of one entity by a time and a text. */
export class FilterSql<Entity extends ObjectLiteral> {
  private readonly table: string;
  private readonly time: string;
  private readonly matching: string;

  constructor(entity: EntityTarget<Entity>, { time, text }: FilterColumns<Entity>, dataSource: DataSource) {
    const dialect = dialectOf(dataSource);
    const table = new EntityTable(dataSource, entity);
    this.table = table.name;
    this.time = table.column(time, 'r');
    // Rows are gone through by id: what it finds with an index by time SQLite would have to sort.
    const unindexed = dialect.unindexed(this.time);
    this.matching =
      `FROM ${this.table} r WHERE "id" > $1 AND "id" <= $2::bigint AND ${unindexed} >= $3 AND ${unindexed} <= $4 AND ` +
      `($5::text = '' OR ${dialect.contains(table.column(text, 'r'), '$5::text')})`;
  }

  /**
   * The FROM of the first `$6` rows that fit, by id: after the id `$1` and up to `$2`, from the time `$3` to `$4`, and
   * with `$5` in their text, which is in lower case, or empty.
   */
  get first(): string {
    return `${this.matching} ORDER BY "id" LIMIT $6::int`;
  }

  /** A statement that answers the `last` id before the newest `$6` of the same rows, if there are more of them. */
  beforeNewest(): CompiledStatement {
    return new CompiledStatement(
      `SELECT "id" AS "last" ${this.matching} ORDER BY "id" DESC LIMIT 1 OFFSET $6::bigint`,
    );
  }

  /** A statement that answers the `first` and the `last` id of the rows from `$1` to `$2`, and their `count`, up to `most`. */
  between(most: number): CompiledStatement {
    return new CompiledStatement(
      'SELECT min("id") AS "first", max("id") AS "last", count(*) AS "count" FROM (SELECT "id" FROM ' +
        `${this.table} r WHERE ${this.time} >= $1 AND ${this.time} <= $2 ORDER BY ${this.time} LIMIT ${most}) b`,
    );
  }
}
