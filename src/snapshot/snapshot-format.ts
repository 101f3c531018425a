import Database from 'better-sqlite3';

/**
 * What an SQLite file says of itself (sqlite.org/pragma.html#pragma_application_id), so that another database is not
 * taken for a snapshot, and a snapshot of another version not for this one. The id is "Dbk1" in ASCII.
 */
export const SNAPSHOT_APPLICATION_ID = 0x44626b31;

/** Raised with each change of the text below: what differs from it in a letter is refused. */
export const SNAPSHOT_VERSION = 3;

/**
 * The tables of a snapshot. `entries` and `descriptions` are also entities; the others are there to search in.
 *
 * Ids are ranks: 1 is the most important entry. So whatever is read in the order of ids comes in the order of
 * importance, and reading may end early.
 *
 * The beginnings of words have indexes of their own: without, FTS5 would merge the rows of all words that begin so,
 * for each query anew.
 */
export const SNAPSHOT_SCHEMA = `
  CREATE TABLE descriptions (
    id integer PRIMARY KEY NOT NULL,
    text text NOT NULL,
    html text NOT NULL
  );
  CREATE TABLE entries (
    id integer PRIMARY KEY NOT NULL,
    name text NOT NULL,
    kind varchar(40) NOT NULL,
    signature text,
    summary text NOT NULL,
    page_title text NOT NULL,
    url text NOT NULL,
    importance real NOT NULL,
    place_id integer NOT NULL,
    description_id integer
  );
  CREATE TABLE keys (
    key text NOT NULL,
    entry_id integer NOT NULL,
    whole boolean NOT NULL,
    kind varchar(40) NOT NULL,
    PRIMARY KEY (key, entry_id)
  ) WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5 (
    name, summary, title, body, kind, content = '', prefix = '1 2 3 4 5 6', tokenize = 'unicode61 remove_diacritics 2'
  );
`;

/** A line of `sqlite_schema`. */
export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string;
}

/** What a snapshot consists of, as SQLite names it: the tables above, and those in which FTS5 keeps its index. */
export const SNAPSHOT_OBJECTS = objectsOf(SNAPSHOT_SCHEMA);

function objectsOf(schema: string): SchemaRow[] {
  const database = new Database(':memory:');
  database.exec(schema);
  const rows = database.prepare<[], SchemaRow>('SELECT type, name, tbl_name, sql FROM sqlite_schema').all();
  database.close();
  return rows;
}

/** A kind as one word of the index, so that a search in one kind reads nothing else. */
export function kindWord(kind: string): string {
  return `kind${kind.toLowerCase().replaceAll(/[^a-z\d]/g, '')}`;
}

/** A name as words: `concurrent.futures.ThreadPoolExecutor` also as "Thread Pool Executor". */
export function nameWords(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll('_', ' ');
  return words === name ? name : `${name} ${words}`;
}
