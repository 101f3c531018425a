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

/** The properties by which rows are looked for: a time as text that sorts, and a text. */
export interface FilterColumns<Entity extends ObjectLiteral> {
  readonly time: keyof Entity & string;
  readonly text: keyof Entity & string;
}

interface AnyFilterColumns {
  readonly time: string;
  readonly text: string;
}

type AnyMembers = Readonly<Record<string, string | Children>>;

/** Writes the SQL with which a database makes JSON of rows, in the dialect of one engine. */
export class JsonSql {
  private readonly postgres: boolean;

  constructor(private readonly dataSource: DataSource) {
    this.postgres = dataSource.options.type === 'postgres';
  }

  /**
   * A statement that makes one JSON list of the first rows behind an id, by id.
   *
   * It answers one row: `json`, how many rows are in it (`count`) and their `last` id. Nothing is in the list where
   * the rows have more than `maxBytes` of text, unless one row alone was asked for.
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
    const bytes = `(SELECT sum(b) FROM (SELECT ${this.bytes(metadata)} AS b ${from} ${rows}) sizes)`;
    const limit = `CASE WHEN ${bytes} > ${maxBytes} AND ${rows} > 1 THEN 0 ELSE ${rows} END`;
    return new CompiledStatement(
      `SELECT ${this.array(this.object(metadata, members, 'e0'), 'e0')} AS "json", count(*) AS "count", ` +
        `max(e0."id") AS "last" FROM (SELECT * ${from} ${limit}) e0`,
    );
  }

  /** The parameters of a page. SQLite's have no numbers here, so they come once for each place. */
  pageValues(after: number, end: number, rows: number): number[] {
    return this.postgres ? [after, end, rows] : [after, end, after, end, rows, rows, rows];
  }

  /** A statement that answers the `last` id of the rows that `tail` picks, if there are any. */
  lastId(entity: EntityTarget<ObjectLiteral>, tail: string): CompiledStatement {
    return new CompiledStatement(
      `SELECT "id" AS "last" FROM ${this.table(this.dataSource.getMetadata(entity))} ${tail}`,
    );
  }

  /**
   * A statement that answers the `last` id of the next rows behind an id, by id: at most `maxRows`, and at most
   * `maxBytes` of text or one row. Its parameters are the id and the largest that counts.
   */
  window(entity: EntityTarget<ObjectLiteral>, maxRows: number, maxBytes: number): CompiledStatement {
    const [after, end] = this.postgres ? ['$1', '$2::bigint'] : ['?', '?'];
    return new CompiledStatement(this.windowOf(entity, after, end, maxRows, maxBytes));
  }

  /** The rows of such a window, as the database has them, up to any id. Its parameters are what `behindValues` makes. */
  rowsBehind(entity: EntityTarget<ObjectLiteral>, maxRows: number, maxBytes: number): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const after = this.postgres ? '$1' : '?';
    const window = this.windowOf(entity, after, '2147483647', maxRows, maxBytes);
    const columns = metadata.columns.map(
      ({ databaseName, propertyName }) =>
        `${this.dataSource.driver.escape(databaseName)} AS ${this.dataSource.driver.escape(propertyName)}`,
    );
    return new CompiledStatement(
      `SELECT ${columns.join(', ')} FROM ${this.table(metadata)} WHERE "id" > ${after} AND "id" <= (${window}) ORDER BY "id"`,
    );
  }

  /** The parameters of rowsBehind. */
  behindValues(after: number): unknown[] {
    return this.postgres ? [after] : [after, after];
  }

  /**
   * A statement that makes lines of JSON of the rows behind an id, by id, that fit a filter.
   *
   * It answers one row: `json`, and how many rows are in it (`count`). Its parameters are what `matchValues` makes.
   */
  matches<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    columns: FilterColumns<Entity>,
  ): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const object = this.object(metadata, members, 'e0');
    const rows = `${this.matching(metadata, columns)} ORDER BY "id" LIMIT ${this.postgres ? '$6::int' : '?'}`;
    const lines = this.postgres
      ? `string_agg(${object}::text, E'\\n' ORDER BY e0."id")`
      : `group_concat(${object}, char(10))`;
    return new CompiledStatement(`SELECT ${lines} AS "json", count(*) AS "count" FROM (SELECT * ${rows}) e0`);
  }

  /** The `last` id behind so many of the newest rows that fit. Its parameters are those of matches. */
  beforeNewest<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    columns: FilterColumns<Entity>,
  ): CompiledStatement {
    const rows = this.matching(this.dataSource.getMetadata(entity), columns);
    const offset = this.postgres ? '$6::int' : '?';
    return new CompiledStatement(`SELECT "id" AS "last" ${rows} ORDER BY "id" DESC LIMIT 1 OFFSET ${offset}`);
  }

  /** The parameters of matches. */
  matchValues(
    after: number,
    end: number,
    [from, to]: [string, string],
    text: string,
    most: number,
  ): unknown[] {
    return this.postgres ? [after, end, from, to, text, most] : [after, end, from, to, text, text, most];
  }

  /** A statement that answers the `first` and the `last` id of the rows of a time, and their `count`, up to `most`. */
  between<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    time: keyof Entity & string,
    most: number,
  ): CompiledStatement {
    const metadata = this.dataSource.getMetadata(entity);
    const column = this.column(metadata, time, 'r');
    const [from, to] = this.postgres ? ['$1', '$2'] : ['?', '?'];
    return new CompiledStatement(
      'SELECT min("id") AS "first", max("id") AS "last", count(*) AS "count" FROM (SELECT "id" FROM ' +
        `${this.table(metadata)} r WHERE ${column} >= ${from} AND ${column} <= ${to} ORDER BY ${column} LIMIT ${most}) b`,
    );
  }

  /** The rows that fit, as `r`. */
  private matching(metadata: EntityMetadata, { time, text }: AnyFilterColumns): string {
    const [timeColumn, textColumn] = [this.column(metadata, time, 'r'), this.column(metadata, text, 'r')];
    const conditions = this.postgres
      ? // The collation C knows the case of A to Z only, as SQLite does.
        `"id" > $1 AND "id" <= $2::bigint AND ${timeColumn} >= $3 AND ${timeColumn} <= $4 AND ` +
        `($5::text = '' OR strpos(lower(${textColumn} COLLATE "C"), $5::text) > 0)`
      : // The plus keeps SQLite from an index by time, behind which it would have to sort.
        `"id" > ? AND "id" <= ? AND +${timeColumn} >= ? AND +${timeColumn} <= ? AND ` +
        `(? = '' OR instr(lower(${textColumn}), ?) > 0)`;
    return `FROM ${this.table(metadata)} r WHERE ${conditions}`;
  }

  private windowOf(
    entity: EntityTarget<ObjectLiteral>,
    after: string,
    end: string,
    maxRows: number,
    maxBytes: number,
  ): string {
    const metadata = this.dataSource.getMetadata(entity);
    return (
      `SELECT coalesce(max(CASE WHEN w.total <= ${maxBytes} THEN w."id" END), min(w."id")) AS "last" FROM (` +
      `SELECT s."id", sum(s.b) OVER (ORDER BY s."id") AS total FROM (` +
      `SELECT "id", ${this.bytes(metadata)} AS b FROM ${this.table(metadata)} ` +
      `WHERE "id" > ${after} AND "id" <= ${end} ORDER BY "id" LIMIT ${maxRows}) s) w`
    );
  }

  private bytes({ columns }: EntityMetadata): string {
    const texts = columns
      .filter(({ type }) => type === 'text' || type === 'varchar')
      .map(({ databaseName, isNullable }) => {
        const bytes = `octet_length(${this.dataSource.driver.escape(databaseName)})`;
        return isNullable ? `coalesce(${bytes}, 0)` : bytes;
      });
    return texts.join(' + ') || '0';
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
    return column.type === 'boolean' && !this.postgres ? `iif(${sql}, json('true'), json('false'))` : sql;
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
