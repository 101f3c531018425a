import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from './config/config.module.js';
import { DatabaseConfig } from './config/database.config.js';
import { HttpConfig } from './config/http.config.js';
import { LogConfig } from './config/log.config.js';
import { explainFailure } from './explain-failure.js';
import { PinoLogger } from './logging/pino.logger.js';

/** Starts the service and prints where it is. */
async function start(): Promise<void> {
  const http = readConfig(HttpConfig);
  const database = readConfig(DatabaseConfig);
  const logger = new PinoLogger(readConfig(LogConfig));
  // Here and not above: a bad setting is told before the rest is loaded.
  const [{ AppModule }, { configureApp }, { createServer }] = await Promise.all([
    import('./app.module.js'),
    import('./app.setup.js'),
    import('./http/server.js'),
  ]);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createServer(http), {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  configureApp(app);
  // A promise that nobody awaits must not end the process with everybody else's requests.
  process.on('unhandledRejection', (reason) => logger.error(reason, 'UnhandledRejection'));
  stopOnSignal(app, http.shutdownSeconds, logger);
  await app.listen({ host: http.host, port: http.port });
  const url = await app.getUrl();
  logger.log(`Daybook listens on ${url} - database ${database.displayUrl} - docs ${url}/docs`);
}

/** Stops taking requests, finishes those that run, and closes the database. A second signal does not wait. */
function stopOnSignal(app: NestFastifyApplication, limitSeconds: number, logger: PinoLogger): void {
  const stop = (): void => {
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    const server = app.getHttpServer();
    setTimeout(() => server.closeAllConnections(), limitSeconds * 1_000).unref();
    logger.log('Daybook stops: it finishes what runs');
    void app.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

function fail(error: unknown): never {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}

await start().catch(fail);
