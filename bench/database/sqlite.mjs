import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A new SQLite database in a folder of its own. Its file is made by whoever opens it first. */
export async function createSqlite(folder) {
  const own = mkdtempSync(join(folder, 'sqlite-'));
  const file = join(own, 'bench.sqlite');
  const use = async (work) => {
    const database = new Database(file);
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  return {
    engine: 'sqlite',
    folder: own,
    file,
    url: `sqlite:${file}`,
    /** Runs statements that answer nothing. */
    execute: (sql) => use((database) => database.exec(sql)),
    /** Inserts many rows in one transaction. */
    insert: (table, columns, rows) => use((database) => insert(database, table, columns, rows)),
    /** Answers the rows of a query. */
    all: (sql) => use((database) => database.prepare(sql).all()),
  };
}

function insert(database, table, columns, rows) {
  const values = columns.map(() => '?').join(', ');
  const statement = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`);
  const plain = (value) => (typeof value === 'boolean' ? Number(value) : value);
  database.transaction(() => {
    for (const row of rows) statement.run(columns.map((column) => plain(row[column])));
  })();
}
