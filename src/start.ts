import 'reflect-metadata';
import cluster from 'node:cluster';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from './config/config.module.js';
import { DatabaseConfig } from './config/database.config.js';
import { HttpConfig } from './config/http.config.js';
import { LogConfig } from './config/log.config.js';
import { LogsConfig } from './config/logs.config.js';
import { TasksConfig } from './config/tasks.config.js';
import { UsersConfig } from './config/users.config.js';
import { explainFailure } from './explain-failure.js';
import { PinoLogger } from './logging/pino.logger.js';
import { acceptInTurn, stopWithParent, tellParent, Workers } from './workers.js';

/** Starts the service, in this process or in several, and prints where it is. */
async function start(): Promise<void> {
  const http = readConfig(HttpConfig);
  const database = readConfig(DatabaseConfig);
  const logger = await PinoLogger.create(readConfig(LogConfig));
  // Their readers come later, and a bad setting stops the start before anything runs.
  readConfig(TasksConfig);
  readConfig(UsersConfig);
  readConfig(LogsConfig);
  if (cluster.isWorker) {
    // Until there is something to load anew, it would end the process.
    process.on('SIGHUP', () => undefined);
    tellParent({ url: await serve(http, logger) });
    return;
  }
  const several = http.workers > 1;
  const url = several ? await startWorkers(http.workers, logger) : await serve(http, logger);
  logger.log(
    `Daybook listens on ${url} - database ${database.displayUrl} - docs ${url}/docs` +
      (several ? ` - ${http.workers} workers` : ''),
  );
}

/** Serves from this process. Resolves to its URL. */
async function serve(http: HttpConfig, logger: PinoLogger): Promise<string> {
  // Here and not above: a bad setting is reported before the rest is loaded, and the parent of workers needs none of it.
  const [{ NestFactory }, { AppModule }, { configureApp }, { createServer }, listeners] = await Promise.all([
    import('@nestjs/core'),
    import('./app.module.js'),
    import('./app.setup.js'),
    import('./http/server.js'),
    import('./http/listeners.js'),
  ]);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createServer(http), {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  configureApp(app);
  // A promise that nobody awaits must not end the process with everybody else's requests.
  process.on('unhandledRejection', (reason) => logger.error(reason, 'UnhandledRejection'));
  const stop = (): Promise<void> => {
    const server = app.getHttpServer();
    setTimeout(() => server.closeAllConnections(), http.shutdownSeconds * 1_000).unref();
    return app.close();
  };
  if (cluster.isWorker) {
    acceptInTurn(app.getHttpServer());
    stopWithParent(() => exitAfter(stop(), logger));
  } else stopOnSignal(logger, stop);
  const [host, ...others] = await listeners.addressesOf(http.host);
  await app.listen({ host, port: http.port });
  await listeners.listenAlsoOn(app.getHttpServer(), others);
  return app.getUrl();
}

function startWorkers(count: number, logger: PinoLogger): Promise<string> {
  const workers = new Workers(count, logger);
  stopOnSignal(
    logger,
    () => workers.stop(),
    () => workers.kill(),
  );
  // What it means is for the workers; the parent would end of it.
  process.on('SIGHUP', () => workers.reload());
  return workers.start();
}

/** `timeout` and npm pass on a signal that the whole group of processes has got: what comes twice at once is one. */
const ONE_SIGNAL_MS = 100;

/** Stops taking requests, finishes those that run, and closes the database. A later signal does not wait. */
function stopOnSignal(logger: PinoLogger, stop: () => Promise<void>, kill?: () => void): void {
  let stoppedAt: number | undefined;
  const onSignal = (code: number) => (): void => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      logger.log('Daybook stops: it finishes what runs');
      exitAfter(stop(), logger);
    } else if (performance.now() - stoppedAt > ONE_SIGNAL_MS) {
      kill?.();
      process.exit(code);
    }
  };
  process.on('SIGINT', onSignal(130)).on('SIGTERM', onSignal(143));
}

function exitAfter(stopped: Promise<void>, logger: PinoLogger): void {
  // process.exit() waits for nothing that a full pipe has not taken.
  void stopped.then(() => logger.drained()).then(() => process.exit(), fail);
}

function fail(error: unknown): never {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}

function failAsWorker(error: unknown): void {
  tellParent({ failure: explainFailure(error) }, () => process.exit(1));
}

await start().catch(cluster.isWorker ? failAsWorker : fail);
