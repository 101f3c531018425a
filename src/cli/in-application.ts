import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Sessions } from '../database/sessions.js';
import { CliModule } from './cli.module.js';

/**
 * Opens the service's data, which migrates it where that is due, runs `work` in a database session of its own, and
 * closes it again.
 *
 * @param name what the session is for, such as `daybook logs print`; it is told where a unit of work fails
 */
export async function inApplication<T>(
  name: string,
  work: (application: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const application = await NestFactory.createApplicationContext(CliModule, {
    // Standard output is for what the command answers, and a failed start is told by whoever called us.
    logger: false,
    abortOnError: false,
  });
  try {
    return await application.get(Sessions).run(randomUUID(), name, () => work(application));
  } finally {
    await application.close();
  }
}
