import { Global, Module, type Provider, type Type } from '@nestjs/common';
import { CacheConfig } from './cache.config.js';
import { DatabaseConfig } from './database.config.js';
import { loadEnvFile, SettingsReader } from './environment.js';
import { HttpConfig } from './http.config.js';
import { LogConfig } from './log.config.js';
import { LogsConfig } from './logs.config.js';
import { SearchConfig } from './search.config.js';
import { TasksConfig } from './tasks.config.js';
import { UsersConfig } from './users.config.js';

/** All settings, one class per concern. */
export const configs = [
  CacheConfig,
  DatabaseConfig,
  HttpConfig,
  LogConfig,
  LogsConfig,
  SearchConfig,
  TasksConfig,
  UsersConfig,
] as const;

type Config = InstanceType<(typeof configs)[number]>;

/**
 * Reads one concern's settings from the environment and `.env`.
 *
 * @throws SettingError where one of them cannot be used
 */
export function readConfig<T extends Config>(config: new (settings: SettingsReader) => T): T {
  loadEnvFile();
  return new config(new SettingsReader(process.env));
}

const provide = (config: Type<Config>): Provider => ({
  provide: config,
  useFactory: () => readConfig(config),
});

/** Settings, one class per concern, to inject anywhere. Nobody else reads `process.env`. */
@Global()
@Module({
  providers: configs.map(provide),
  exports: [...configs],
})
export class ConfigModule {}
