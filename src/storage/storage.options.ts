import type { ClientBase } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import type { SessionDataSourceOptions } from '../database/index.js';
import { entities } from '../schema/entities.js';
import { migrations } from '../schema/migrations.js';

/** TypeORM's options for the database of the settings: for the service, and for TypeORM's command line. */
export function storageOptions(config: DatabaseConfig): SessionDataSourceOptions & DataSourceOptions {
  const options = {
    entities,
    migrations,
    migrationsTransactionMode: 'all',
    synchronize: false,
    // SQL and parameters hold what people wrote: they are nobody's business but the database's.
    logging: false,
    writeWaitMs: config.writeWaitMs,
    writeLimitMs: config.writeLimitMs,
  } as const;
  return config.engine === 'sqlite'
    ? { ...options, type: 'better-sqlite3', database: config.file }
    : {
        ...options,
        type: 'postgres',
        url: config.url,
        poolSize: config.poolSize,
        applicationName: 'daybook',
        extra: { onConnect: readNumbers },
        // pg tells of an idle connection that breaks; the pool replaces it, and a statement that meets it fails.
        poolErrorHandler: () => undefined,
      };
}

/** PostgreSQL's `int8` in pg, which gives it as text. */
const INT8 = 20;

/** Has a connection give integers of 64 bits as numbers, where they are: a number would lose the last digits of larger ones. */
function readNumbers(client: ClientBase): void {
  client.setTypeParser(INT8, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text));
}
