import type { Dialect } from '../dialect.js';

/** PostgreSQL's SQL. */
export const postgresDialect: Dialect = {
  jsonObject: (members) => {
    const columns = members.map(([name, value]) => `${value} AS "${name}"`);
    return `(SELECT row_to_json(o) FROM (SELECT ${columns.join(', ')}) o)`;
  },
  // Not json_agg, which puts blanks and line ends between the elements.
  jsonArray: (object, id) => `'[' || coalesce(string_agg(${object}::text, ',' ORDER BY ${id}), '') || ']'`,
  jsonLines: (object, id) => `string_agg(${object}::text, E'\\n' ORDER BY ${id})`,
  jsonValue: (text) => `${text}::json`,
  jsonBoolean: (column) => column,
  jsonElements: (list) => `json_array_elements(${list}::json)`,
  // The collation C knows the case of A to Z only, as SQLite does.
  contains: (text, part) => `strpos(lower(${text} COLLATE "C"), ${part}) > 0`,
  // It decides by itself, and by what it knows of the rows.
  unindexed: (column) => column,
  rowsOfLists: (lists) => `SELECT * FROM unnest(${lists.join(', ')})`,
  tellsNewIds: false,
  // Who inserts has this lock from before the row's id is given until the end of the transaction.
  writersOf: (table) =>
    `SELECT l.virtualtransaction AS "id", l.pid AS "process", ` +
    `coalesce(a.application_name = current_setting('application_name'), false) AS "own" ` +
    `FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid ` +
    `WHERE l.locktype = 'relation' AND l.granted ` +
    `AND l.mode = 'RowExclusiveLock' AND l.relation = '${table}'::regclass ` +
    `AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  lastIdOf: (table) => `SELECT pg_sequence_last_value(pg_get_serial_sequence('"${table}"', 'id')) AS "last"`,
};
