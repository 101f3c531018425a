import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { readConfig } from './src/config/config.module.js';
import { DatabaseConfig } from './src/config/database.config.js';
import { migrationOptions } from './src/database/data-source.options.js';
import { requireNode } from './src/prepare-node.js';

// TypeORM loads SQLite next, which an old Node cannot do.
requireNode();

/** For TypeORM's command line (`npm run migration:…`): the options that the service itself uses. */
export default new DataSource(migrationOptions(readConfig(DatabaseConfig)));
