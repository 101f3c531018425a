import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseConfig } from '../config/database.config.js';
import { SessionDataSource, type SessionDataSourceOptions } from '../database/index.js';
import { migrateStorage } from './migrate-storage.js';
import { storageOptions } from './storage.options.js';

/** The database of the settings, migrated, for `TypeOrmModule.forFeature` and all that injects from TypeORM. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [DatabaseConfig],
      // Connecting is waited for below: a failed start is one sentence.
      useFactory: (config: DatabaseConfig) => ({
        ...storageOptions(config),
        retryAttempts: 0,
        toRetry: () => false,
        config,
      }),
      dataSourceFactory: async (options) => {
        const { config, ...own } = options as SessionDataSourceOptions & { config: DatabaseConfig };
        await migrateStorage(config);
        return new SessionDataSource(own);
      },
    }),
  ],
})
export class StorageModule {}
