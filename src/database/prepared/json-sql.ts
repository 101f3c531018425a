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
   * A statement that makes one JSON list of the rows that `where` picks, by id.
   *
   * It answers one row: `json`, how many there are (`count`) and the `last` id.
   * @param tail what follows FROM and the table, from WHERE to LIMIT
   */
  list<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    tail: string,
  ): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const rows = `(SELECT * FROM ${this.table(metadata)} ${tail}) e0`;
    const json = this.array(this.object(metadata, members, 'e0'), 'e0');
    return new CompiledStatement(
      `SELECT ${json} AS "json", count(*) AS "count", max(e0."id") AS "last" FROM ${rows}`,
    );
  }

  /** A statement that answers how many `bytes` of text the rows have that `tail` picks. */
  bytes(entity: EntityTarget<ObjectLiteral>, tail: string): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const texts = metadata.columns
      .filter(({ type }) => type === 'text' || type === 'varchar')
      .map(({ databaseName }) => `coalesce(octet_length(${this.dataSource.driver.escape(databaseName)}), 0)`);
    return new CompiledStatement(
      `SELECT coalesce(sum(${texts.join(' + ') || '0'}), 0) AS "bytes" FROM (SELECT * FROM ${this.table(metadata)} ${tail}) e0`,
    );
  }

  /** A statement that answers the `last` id of the rows that `tail` picks, if there are any. */
  lastId(entity: EntityTarget<ObjectLiteral>, tail: string): CompiledStatement {
    return new CompiledStatement(
      `SELECT "id" AS "last" FROM ${this.table(this.dataSource.getMetadata(entity))} ${tail}`,
    );
  }

  private array(object: string, alias: string): string {
    return this.postgres
      ? // Not json_agg, which puts blanks and line ends between the elements.
        `'[' || coalesce(string_agg(${object}::text, ',' ORDER BY ${alias}."id"), '') || ']'`
      : `json_group_array(${object} ORDER BY ${alias}."id")`;
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
    const rows = `(SELECT ${array} FROM ${this.table(metadata)} ${alias} WHERE ${this.column(metadata, parentId, alias)} = ${parent}."id")`;
    return this.postgres ? `${rows}::json` : `json(${rows})`;
  }

  private table({ tableName }: EntityMetadata): string {
    return this.dataSource.driver.escape(tableName);
  }
}
