import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { type Dialect, dialectOf } from '../dialect.js';
import { CompiledStatement } from './compiled-statement.js';
import { EntityTable } from './entity-table.js';

/** The entities that belong to another, as a list in its JSON, by id. */
export interface Children {
  readonly entity: EntityTarget<ObjectLiteral>;
  readonly members: AnyMembers;
  /** The property of the child that has the parent's id. */
  readonly parentId: string;
}

/** Which member of a JSON object comes from which property of an entity, in the order of the answer. */
export type Members<Entity extends ObjectLiteral> = Readonly<
  Record<string, (keyof Entity & string) | Children>
>;

type AnyMembers = Readonly<Record<string, string | Children>>;

/** Writes the SQL with which a database makes JSON of rows. */
export class JsonSql {
  private readonly dialect: Dialect;

  constructor(private readonly dataSource: DataSource) {
    this.dialect = dialectOf(dataSource);
  }

  /**
   * A statement that makes one JSON list of the rows after the id `$1` and up to `$2`, of the first `$3` by id.
   *
   * It answers one row: `json`, how many rows are in it (`count`) and their `last` id. Nothing is in the list where
   * the rows have more than `maxBytes` of text, unless one row alone was asked for.
   */
  page<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    maxBytes: number,
  ): CompiledStatement {
    const table = new EntityTable(this.dataSource, entity);
    const from = `FROM ${table.name} WHERE "id" > $1 AND "id" <= $2::bigint ORDER BY "id" LIMIT`;
    const bytes = `(SELECT sum(b) FROM (SELECT ${table.bytes} AS b ${from} $3::int) sizes)`;
    const limit = `CASE WHEN ${bytes} > ${maxBytes} AND $3::int > 1 THEN 0 ELSE $3::int END`;
    const list = this.dialect.jsonArray(this.object(table, members, 'e0'), 'e0."id"');
    return new CompiledStatement(
      `SELECT ${list} AS "json", count(*) AS "count", max(e0."id") AS "last" FROM (SELECT * ${from} ${limit}) e0`,
    );
  }

  /**
   * A statement that makes lines of JSON of rows of an entity.
   *
   * It answers one row: `json`, and how many rows are in it (`count`).
   *
   * @param rows a FROM with all that belongs to it, which gives the rows by id
   */
  lines<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    rows: string,
  ): CompiledStatement {
    const object = this.object(new EntityTable(this.dataSource, entity), members, 'e0');
    const lines = this.dialect.jsonLines(object, 'e0."id"');
    return new CompiledStatement(`SELECT ${lines} AS "json", count(*) AS "count" FROM (SELECT * ${rows}) e0`);
  }

  private object(table: EntityTable, members: AnyMembers, alias: string): string {
    return this.dialect.jsonObject(
      Object.entries(members).map(([name, source]) => [
        name,
        typeof source === 'string' ? this.value(table, source, alias) : this.children(source, alias),
      ]),
    );
  }

  private value(table: EntityTable, property: string, alias: string): string {
    const column = table.column(property, alias);
    return table.isBoolean(property) ? this.dialect.jsonBoolean(column) : column;
  }

  private children({ entity, members, parentId }: Children, parent: string): string {
    const table = new EntityTable(this.dataSource, entity);
    const alias = `${parent}c`;
    const list = this.dialect.jsonArray(this.object(table, members, alias), `${alias}."id"`);
    const rows = `SELECT * FROM ${table.name} c WHERE ${table.column(parentId, 'c')} = ${parent}."id" ORDER BY "id"`;
    return this.dialect.jsonValue(`(SELECT ${list} FROM (${rows}) ${alias})`);
  }
}
