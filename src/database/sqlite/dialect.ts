import type { Dialect } from '../dialect.js';

/** SQLite's SQL. */
export const sqliteDialect: Dialect = {
  jsonObject: (members) => `json_object(${members.map(([name, value]) => `'${name}', ${value}`).join(', ')})`,
  // Without ORDER BY, which sorts once more and takes twice as long: the rows come in their order.
  jsonArray: (object) => `json_group_array(${object})`,
  jsonLines: (object) => `group_concat(${object}, char(10))`,
  jsonValue: (text) => `json(${text})`,
  // It is kept as 0 or 1.
  jsonBoolean: (column) => `iif(${column}, json('true'), json('false'))`,
  jsonElements: (list) => `json_each(${list})`,
  contains: (text, part) => `instr(lower(${text}), ${part}) > 0`,
  unindexed: (column) => `+${column}`,
  // RETURNING makes an insert three times as long.
  tellsNewIds: true,
  lastIdOf: (table) => `SELECT seq AS "last" FROM sqlite_sequence WHERE name = '${table}'`,
};
