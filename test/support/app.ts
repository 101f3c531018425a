import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { FastifyInstance } from 'fastify';
import { inject } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { configureApp } from '../../src/app.setup.js';
import { CacheConfig } from '../../src/config/cache.config.js';
import { DatabaseConfig } from '../../src/config/database.config.js';
import { SettingsReader } from '../../src/config/environment.js';
import { HttpConfig } from '../../src/config/http.config.js';
import { LogsConfig } from '../../src/config/logs.config.js';
import { SearchConfig } from '../../src/config/search.config.js';
import { TasksConfig } from '../../src/config/tasks.config.js';
import { UsersConfig } from '../../src/config/users.config.js';
import { createServer } from '../../src/http/server.js';
import { createDatabase, databaseConfig, type Engine, type TestDatabase } from './databases.js';

/** The whole application on a database of its own. */
export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  /** Stops the application and drops its database. */
  close(): Promise<void>;
}

interface Options {
  /** Settings as in the environment. */
  readonly settings?: Record<string, string>;
  /** Modules besides the service's own. */
  readonly imports?: Type[];
  /** A database that others use, too, and which is not dropped. */
  readonly database?: TestDatabase;
  /** Changes to the module before it is built, such as `overrideProvider`. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Called with the server before any route is on it. */
  readonly onServer?: (server: FastifyInstance) => void;
}

/** Builds the application through the Nest testing module, configured as main.ts does it. */
export async function startApp(
  engine: Engine,
  { settings = {}, imports = [], database: shared, override, onServer }: Options = {},
): Promise<TestApp> {
  const database = shared ?? (await createDatabase(engine));
  const reader = new SettingsReader({
    SLOW_USERS_SECONDS: '0',
    SEARCH_FILE: inject('searchFile'),
    ...settings,
  });
  const http = new HttpConfig(reader);
  const builder = Test.createTestingModule({ imports: [AppModule, ...imports] })
    .overrideProvider(CacheConfig)
    .useValue(new CacheConfig(reader))
    .overrideProvider(DatabaseConfig)
    .useValue(databaseConfig(database.url, settings))
    .overrideProvider(HttpConfig)
    .useValue(http)
    .overrideProvider(LogsConfig)
    .useValue(new LogsConfig(reader))
    .overrideProvider(SearchConfig)
    .useValue(new SearchConfig(reader))
    .overrideProvider(TasksConfig)
    .useValue(new TasksConfig(reader))
    .overrideProvider(UsersConfig)
    .useValue(new UsersConfig(reader));
  const module = await (override?.(builder) ?? builder).compile();
  const adapter = createServer(http);
  onServer?.(adapter.getInstance());
  const app = module.createNestApplication<NestFastifyApplication>(adapter, {
    logger: false,
    bodyParser: false,
  });
  configureApp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    databaseUrl: database.url,
    close: async () => {
      await app.close();
      if (!shared) await database.drop();
    },
  };
}
