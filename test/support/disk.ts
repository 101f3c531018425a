import { getDataSourceToken } from '@nestjs/typeorm';
import { DatabaseConfig } from '../../src/config/database.config.js';
import { SessionDataSource } from '../../src/database/index.js';
import type { SqliteEngine } from '../../src/database/sqlite/engine.js';
import type { SyncFile } from '../../src/database/sqlite/wal-sync.js';
import { migrateStorage } from '../../src/storage/migrate-storage.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { startApp, type TestApp } from './app.js';
import type { TestDatabase } from './databases.js';

/** The application on SQLite with a disk that the test plays. */
export async function startWithDisk(sync: SyncFile, database?: TestDatabase): Promise<TestApp> {
  // The start writes, too, to see that it can.
  let started = false;
  const test = await startApp('sqlite', {
    database,
    override: (builder) =>
      builder.overrideProvider(getDataSourceToken()).useFactory({
        inject: [DatabaseConfig],
        factory: async (config: DatabaseConfig) => {
          await migrateStorage(config);
          const dataSource = new SessionDataSource(storageOptions(config));
          const disk = { sync: async (fd: number) => (started ? sync(fd) : undefined) };
          (dataSource.engine as SqliteEngine).disk = disk;
          return dataSource.initialize();
        },
      }),
  });
  started = true;
  return test;
}
