import type { DataSource } from 'typeorm';
import type { Kind, TransferColumn, TransferTable } from './transfer-tables.js';

/** What a page of rows holds at most, so that memory does not grow with the table or with what people write. */
const PAGE_ROWS = 1_000;
const PAGE_BYTES = 1_048_576;

const POSTGRES_TYPES: Record<Kind, string> = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  number: 'double precision',
};

/**
 * The SQL that carries the rows of one table, in the dialect of one engine.
 *
 * Rows come in as one parameter, a JSON list of lists, which the database takes apart: the SQL is the
 * same for any number of rows, and on PostgreSQL a parameter for each value takes half as long again.
 */
export class RowStatements {
  private readonly postgres: boolean;
  private readonly table: string;
  private readonly names: string[];

  /** @param columns those that the rows have, in their order */
  constructor(
    private readonly dataSource: DataSource,
    private readonly transfer: TransferTable,
    private readonly columns: readonly TransferColumn[],
  ) {
    this.postgres = dataSource.options.type === 'postgres';
    this.table = this.escape(transfer.name);
    this.names = columns.map(({ name }) => this.escape(name));
  }

  /** How many rows there are, as `count`. */
  get count(): string {
    return `SELECT count(*) AS "count" FROM ${this.table}`;
  }

  /** Answers a row where there is one. */
  get any(): string {
    return `SELECT 1 FROM ${this.table} LIMIT 1`;
  }

  /** The first rows, or those behind a primary key, which is the parameters then; one at least, if there is one. */
  page(behind: boolean): string {
    const key = this.list(this.transfer.key);
    const parameters = this.transfer.key.map((_, index) => (this.postgres ? `$${index + 1}` : '?'));
    const where = behind ? `WHERE (${key}) > (${parameters.join(', ')})` : '';
    const texts = this.columns.filter(({ kind }) => kind === 'text');
    const bytes = texts.map(({ name }) => `coalesce(octet_length(${this.escape(name)}), 0)`).join(' + ');
    // Only keys and sizes are windowed: whole rows, a thousand of them for each page, take all the time where they are
    // large.
    const sizes = `SELECT ${key}, ${bytes || '0'} AS "bytes" FROM ${this.table} ${where} ORDER BY ${key} LIMIT ${PAGE_ROWS}`;
    const sums =
      `SELECT ${key}, sum("bytes") OVER (ORDER BY ${key} ROWS UNBOUNDED PRECEDING) AS "bytes_so_far", ` +
      `row_number() OVER (ORDER BY ${key}) AS "row_so_far" FROM (${sizes}) "next_rows"`;
    return (
      `SELECT ${this.names.join(', ')} FROM ${this.table} WHERE (${key}) IN (` +
      `SELECT ${key} FROM (${sums}) "page" WHERE "bytes_so_far" <= ${PAGE_BYTES} OR "row_so_far" = 1` +
      `) ORDER BY ${key}`
    );
  }

  /** Adds rows. */
  get insert(): string {
    return `INSERT INTO ${this.table} (${this.names.join(', ')}) ${this.given}`;
  }

  /** Adds the rows whose primary key nobody has. */
  get insertFree(): string {
    const given = `(${this.given}) "given"`;
    return (
      `INSERT INTO ${this.table} (${this.names.join(', ')}) SELECT ${this.names.join(', ')} FROM ${given} ` +
      `WHERE NOT EXISTS (SELECT 1 FROM ${this.table} "kept" WHERE ${this.sameKey})`
    );
  }

  /** The primary keys of rows of which another is there. */
  get conflicts(): string {
    const key = this.transfer.key.map((name) => `"given".${this.escape(name)}`).join(', ');
    const differs = this.names.map((name) => `"given".${name} IS DISTINCT FROM "kept".${name}`).join(' OR ');
    return (
      `SELECT ${key} FROM (${this.given}) "given" JOIN ${this.table} "kept" ON ${this.sameKey} ` +
      `WHERE ${differs}`
    );
  }

  /** The rows of the parameter. */
  private get given(): string {
    const values = this.columns.map(({ kind, name }, index) =>
      this.postgres
        ? `("row".value->>${index})::${POSTGRES_TYPES[kind]} AS ${this.escape(name)}`
        : `"row".value->>${index} AS ${this.escape(name)}`,
    );
    const rows = this.postgres ? 'json_array_elements($1::json)' : 'json_each(?)';
    return `SELECT ${values.join(', ')} FROM ${rows} AS "row"`;
  }

  private get sameKey(): string {
    return this.transfer.key
      .map((name) => `"kept".${this.escape(name)} = "given".${this.escape(name)}`)
      .join(' AND ');
  }

  private list(names: readonly string[]): string {
    return names.map((name) => this.escape(name)).join(', ');
  }

  private escape(name: string): string {
    return this.dataSource.driver.escape(name);
  }
}
