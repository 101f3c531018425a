/**
 * An export is NDJSON: one JSON value a line, UTF-8, each line ended by a line feed.
 *
 * 1. the head, an object
 * 2. for each table an object that names it, and then its rows, each an array in the order of the columns
 * 3. the end, an object with the counts and a checksum of all bytes before it
 *
 * Tables come after those that they refer to, and rows by their primary key.
 */
export const EXPORT_FORMAT = 'daybook-export';

/** Raised where an older Daybook could not read the file. */
export const EXPORT_FORMAT_VERSION = 1;

/** The longest line. One row is one line, and a row is held in memory more than once. */
export const MAX_LINE_BYTES = 64 * 1_048_576;

/** The first line. */
export interface ExportHead {
  readonly format: typeof EXPORT_FORMAT;
  readonly formatVersion: number;
  /** Daybook's own. */
  readonly version: string;
  /** The last migration of the database that it comes from. */
  readonly migration: string;
}

/** The line before a table's rows. */
export interface ExportTable {
  readonly table: string;
  readonly columns: readonly string[];
  /** The last id that was given, in a row that may be deleted by now: ids are not given again. */
  readonly lastId: number;
}

/** What a row has in one of its columns. */
export type Value = string | number | boolean | null;

/** A row, in the order of its table's columns. */
export type Row = readonly Value[];

/** Rows by table. */
export type Counts = Readonly<Record<string, number>>;

/** The last line. */
export interface ExportEnd {
  readonly rows: Counts;
  /** SHA-256 of all bytes before this line, in hexadecimal digits. */
  readonly sha256: string;
}
