import type { Database } from 'better-sqlite3';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ImmediateDatabase } from './sqlite/immediate-database.js';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './sqlite/pragmas.js';
import { whileBusy } from './sqlite/while-busy.js';

/** Connects TypeORM's own DataSource, for a command that may take its time. An SQLite file is made where there is none. */
export async function longSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(
    options.type === 'better-sqlite3'
      ? { ...options, driver: ImmediateDatabase, prepareDatabase: setUp(WRITER_PRAGMAS) }
      : options,
  );
  await whileBusy(() => dataSource.initialize());
  return dataSource;
}

/** The same, to read: nothing is made, and nothing can be written on SQLite. */
export async function longReader(options: DataSourceOptions): Promise<DataSource> {
  const reading =
    options.type === 'better-sqlite3'
      ? { ...options, readonly: true, fileMustExist: true, prepareDatabase: setUp(READER_PRAGMAS) }
      : options;
  return new DataSource(reading).initialize();
}

const setUp = (pragmas: readonly string[]) => (database: Database) => {
  for (const pragma of pragmas) database.pragma(pragma);
};
