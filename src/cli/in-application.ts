import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import { named } from '../database/index.js';
import { StorageModule } from '../storage/storage.module.js';

/** What every command uses of the service. */
@Module({ imports: [ConfigModule, StorageModule] })
class CliModule {}

/**
 * Opens the service's data, which migrates it where that is due, runs `work`, and closes it
 * again.
 *
 * @param name what the work is for, such as `daybook logs print`; it appears in the log where a transaction fails
 * @param feature the module of what it works with: a command loads no other
 */
export async function inApplication<T>(
  name: string,
  feature: Type,
  work: (application: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const application = await NestFactory.createApplicationContext(
    { module: CliModule, imports: [feature] },
    {
      // Standard output is for the command's result, and the caller reports a failed start.
      logger: false,
      abortOnError: false,
    },
  );
  try {
    return await named(name, () => work(application));
  } finally {
    await application.close();
  }
}
