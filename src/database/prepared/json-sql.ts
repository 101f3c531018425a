import type { DataSource, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import { CompiledStatement } from './compiled-statement.js';

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

/** Writes the SQL with which a database makes JSON of rows, in the dialect of one engine. */
export class JsonSql {
  private readonly postgres: boolean;

  constructor(private readonly dataSource: DataSource) {
    this.postgres = dataSource.options.type === 'postgres';
  }

  /**
   * A statement that makes one JSON list of the first rows behind an id, by id, if they are not too large.
   *
   * It answers one row: `json`, how many rows are in it (`count`), their `last` id, and how many `bytes` of text
   * there are. Are those more than `maxBytes`, then nothing is in the list, unless one row alone was asked for.
   * Its parameters are what `pageValues` makes.
   */
  page<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    maxBytes: number,
  ): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const [after, end, rows] = this.postgres ? ['$1', '$2::bigint', '$3::int'] : ['?', '?', '?'];
    const from = `FROM ${this.table(metadata)} WHERE "id" > ${after} AND "id" <= ${end} ORDER BY "id" LIMIT`;
    const limit = `CASE WHEN (SELECT "bytes" FROM "size") <= ${maxBytes} OR ${rows} = 1 THEN ${rows} ELSE 0 END`;
    return new CompiledStatement(
      `WITH "size" AS MATERIALIZED (SELECT ${this.bytes(metadata)} AS "bytes" FROM (SELECT * ${from} ${rows}) e0) ` +
        `SELECT ${this.array(this.object(metadata, members, 'e0'), 'e0')} AS "json", count(*) AS "count", ` +
        `max(e0."id") AS "last", (SELECT "bytes" FROM "size") AS "bytes" FROM (SELECT * ${from} ${limit}) e0`,
    );
  }

  /** The parameters of a page. SQLite's have no numbers here, so they come once for each place. */
  pageValues(after: number, end: number, rows: number): number[] {
    return this.postgres ? [after, end, rows] : [after, end, rows, after, end, rows, rows];
  }

  /** A statement that answers the `last` id of the rows that `tail` picks, if there are any. */
  lastId(entity: EntityTarget<ObjectLiteral>, tail: string): CompiledStatement {
    return new CompiledStatement(
      `SELECT "id" AS "last" FROM ${this.table(this.dataSource.getMetadata(entity))} ${tail}`,
    );
  }

  private bytes({ columns }: EntityMetadata): string {
    const texts = columns
      .filter(({ type }) => type === 'text' || type === 'varchar')
      .map(({ databaseName }) => `coalesce(octet_length(${this.dataSource.driver.escape(databaseName)}), 0)`);
    return `coalesce(sum(${texts.join(' + ') || '0'}), 0)`;
  }

  private array(object: string, alias: string): string {
    return this.postgres
      ? // Not json_agg, which puts blanks and line ends between the elements.
        `'[' || coalesce(string_agg(${object}::text, ',' ORDER BY ${alias}."id"), '') || ']'`
      : // Without ORDER BY, which sorts once more and takes twice as long: the rows come in their order.
        `json_group_array(${object})`;
  }

  private object(metadata: EntityMetadata, members: AnyMembers, alias: string): string {
    const values = Object.entries(members).map(
      ([name, source]) =>
        [
          name,
          typeof source === 'string' ? this.column(metadata, source, alias) : this.children(source, alias),
        ] as const,
    );
    if (!this.postgres)
      return `json_object(${values.flatMap(([name, value]) => [`'${name}'`, value]).join(', ')})`;
    const columns = values.map(([name, value]) => `${value} AS ${this.dataSource.driver.escape(name)}`);
    return `(SELECT row_to_json(o) FROM (SELECT ${columns.join(', ')}) o)`;
  }

  private column(metadata: EntityMetadata, property: string, alias: string): string {
    const column = metadata.findColumnWithPropertyName(property);
    if (!column) throw new Error(`${metadata.name} has no property ${property}.`);
    const sql = `${alias}.${this.dataSource.driver.escape(column.databaseName)}`;
    // SQLite keeps a boolean as 0 or 1.
    return column.type === 'boolean' && !this.postgres ? `json(iif(${sql}, 'true', 'false'))` : sql;
  }

  private children({ entity, members, parentId }: Children, parent: string): string {
    const metadata = this.dataSource.getMetadata(entity);
    const alias = `${parent}c`;
    const array = this.array(this.object(metadata, members, alias), alias);
    const rows = `(SELECT * FROM ${this.table(metadata)} c WHERE ${this.column(metadata, parentId, 'c')} = ${parent}."id" ORDER BY "id") ${alias}`;
    const list = `(SELECT ${array} FROM ${rows})`;
    return this.postgres ? `${list}::json` : `json(${list})`;
  }

  private table({ tableName }: EntityMetadata): string {
    return this.dataSource.driver.escape(tableName);
  }
}
