import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { PrettyOptions } from 'pino-pretty';
import type { LogConfig } from '../config/log.config.js';
import { isoNow } from '../clock.js';
import { LineBuffer } from './line-buffer.js';

/** Where Nest tells of its own start. Few want to read that each time, and main.ts tells what stops it. */
const NEST_START = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'ExceptionHandler',
]);

/** For a terminal: a line an entry, a request as people write it. */
const READABLE: PrettyOptions = {
  sync: true,
  singleLine: true,
  translateTime: 'SYS:HH:MM:ss',
  ignore: 'context,route,status,ms',
  messageFormat: (line) => {
    const { route, status, ms, msg = '' } = line as Record<string, string | number | undefined>;
    return route === undefined ? `${msg}` : `${route} ${status ?? ''} ${ms === undefined ? '' : `${ms} ms`}`;
  },
};

/** Lines that do not wait for others. */
const AT_ONCE: ReadonlySet<Level> = new Set(['warn', 'error', 'fatal']);

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's log through pino: a JSON line an entry, or readable text on a terminal. */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;
  private readonly buffer = new LineBuffer(process.stdout);
  private readonly ofContext = new Map<string, Logger>();

  /** Writes to standard output. What makes lines readable is loaded only where it is wanted. */
  static async create({ level, format }: LogConfig): Promise<PinoLogger> {
    const readable = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
    return new PinoLogger(level, readable ? (await import('pino-pretty')).default(READABLE) : undefined);
  }

  private constructor(level: LogConfig['level'], destination?: DestinationStream) {
    // A log that cannot be written, as on a full disk, is lost, and the service goes on.
    process.stdout.on('error', () => undefined);
    this.pino = pino(
      {
        level,
        // Workers write to one log.
        base: cluster.isWorker ? { pid: process.pid } : undefined,
        timestamp: () => `,"time":"${isoNow()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination ?? this.buffer,
    );
  }

  log(message: unknown, context?: string): void {
    this.write('info', message, context);
  }

  warn(message: unknown, context?: string): void {
    this.write('warn', message, context);
  }

  debug(message: unknown, context?: string): void {
    this.write('debug', message, context);
  }

  verbose(message: unknown, context?: string): void {
    this.write('trace', message, context);
  }

  fatal(message: unknown, context?: string): void {
    this.write('fatal', message, context);
  }

  /** Nest puts a stack between the message and the context, or leaves it out. */
  error(message: unknown, ...rest: (string | undefined)[]): void {
    const [stack, context] = rest.length > 1 ? rest : [undefined, rest[0]];
    this.write('error', stack ? { error: stack } : message, context);
  }

  /** Resolves when all that was logged is out, or the reader has been too slow for a second. */
  async drained(): Promise<void> {
    await Promise.race([this.buffer.drained(), delay(1_000)]);
  }

  private write(importance: Level, message: unknown, context = ''): void {
    const logger = this.loggerOf(context);
    const level = NEST_START.has(context) ? 'debug' : importance;
    if (message instanceof Error) logger[level]({ error: message.stack });
    else if (typeof message === 'object' && message !== null) logger[level](message);
    else logger[level](String(message));
    // What explains the end of a process must not wait.
    if (AT_ONCE.has(level)) this.buffer.flush();
  }

  /** One for each part of the service, so that its name is made into JSON once. */
  private loggerOf(context: string): Logger {
    let logger = this.ofContext.get(context);
    if (!logger) {
      logger = context === '' ? this.pino : this.pino.child({ context });
      this.ofContext.set(context, logger);
    }
    return logger;
  }
}
