import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseConfig } from '../config/database.config.js';
import { SessionDataSource } from '../database/index.js';
import { migrateStorage } from './migrate-storage.js';
import { storageOptions } from './storage.options.js';

/** The database of the settings, migrated, for `TypeOrmModule.forFeature` and all that injects from TypeORM. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [DatabaseConfig],
      useFactory: async (config: DatabaseConfig) => {
        // It waits for a database that is still starting. What fails after that is told in one sentence, and once.
        await migrateStorage(config);
        return { ...storageOptions(config), retryAttempts: 0, toRetry: () => false };
      },
      dataSourceFactory: async (options) => new SessionDataSource(options!),
    }),
  ],
})
export class StorageModule {}
