import 'reflect-metadata';
import { readConfig } from './src/config/config.module.js';
import { DatabaseConfig } from './src/config/database.config.js';
import { SessionDataSource } from './src/database/index.js';
import { requireNode } from './src/prepare-node.js';
import { storageOptions } from './src/storage/storage.options.js';

// TypeORM loads SQLite next, which an old Node cannot do.
requireNode();

/** For TypeORM's command line (`npm run migration:…`): what the service itself uses. */
export default new SessionDataSource(storageOptions(readConfig(DatabaseConfig)));
