import { SessionDataSource } from '../../src/database/index.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { createDatabase, databaseConfig, type Engine } from './databases.js';

/** A database of its own with the service's tables, and a connection that writes. */
export interface TestConnection {
  readonly dataSource: SessionDataSource;
  readonly url: string;
  /** Closes the connection and drops the database. */
  close(): Promise<void>;
}

export async function openConnection(engine: Engine): Promise<TestConnection> {
  const database = await createDatabase(engine);
  const dataSource = await new SessionDataSource(storageOptions(databaseConfig(database.url))).initialize();
  await dataSource.runMigrations();
  return {
    dataSource,
    url: database.url,
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
