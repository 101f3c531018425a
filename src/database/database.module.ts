import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DatabaseConfig } from '../config/database.config.js';
import { DatabaseChanges } from './database-changes.js';
import { Housekeeping } from './housekeeping.js';
import type { OpenDatabase } from './open-database.js';
import { PreparedQueries } from './prepared/prepared-queries.js';
import { Sessions } from './sessions.js';
import { openSqlite } from './sqlite/open-sqlite.js';
import { UnitOfWork, UnitRunner } from './unit-of-work.js';

/** Loaded only where it is used, as the driver is a twentieth of a start. */
const openPostgres = async (config: DatabaseConfig): Promise<OpenDatabase> =>
  (await import('./postgres/open-postgres.js')).openPostgres(config);

/** The open connections. Closed when the application is, after the last request. */
export class Database implements OnApplicationShutdown {
  constructor(readonly connections: OpenDatabase) {}

  async onApplicationShutdown(): Promise<void> {
    const { changes, units, reader, writer } = this.connections;
    await units.close();
    await changes.close();
    await reader.destroy();
    await writer.destroy();
  }
}

/** Database sessions for the whole application. Features get their repositories from RepositoriesModule. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [DatabaseConfig],
      useFactory: async (config: DatabaseConfig) =>
        new Database(await (config.engine === 'sqlite' ? openSqlite(config) : openPostgres(config))),
    },
    {
      // Nest's own token: what injects the DataSource gets the connections that cannot write.
      provide: getDataSourceToken(),
      inject: [Database],
      useFactory: ({ connections }: Database) => connections.reader,
    },
    {
      provide: Sessions,
      inject: [Database],
      useFactory: ({ connections }: Database) => new Sessions(connections.reader.manager),
    },
    { provide: UnitRunner, inject: [Database], useFactory: ({ connections }: Database) => connections.units },
    {
      provide: DatabaseChanges,
      inject: [Database],
      useFactory: ({ connections }: Database) => connections.changes,
    },
    {
      provide: Housekeeping,
      inject: [Database],
      useFactory: ({ connections }: Database) => connections.housekeeping,
    },
    UnitOfWork,
    PreparedQueries,
  ],
  exports: [
    Database,
    DatabaseChanges,
    getDataSourceToken(),
    Housekeeping,
    PreparedQueries,
    Sessions,
    UnitOfWork,
    UnitRunner,
  ],
})
export class DatabaseModule {}
