import { CreateLogDto } from '../logs/dto/create-log.dto.js';
import type { LogDto } from '../logs/dto/log.dto.js';
import { LogsQueryDto } from '../logs/dto/logs-query.dto.js';
import { LogTail } from '../logs/log-tail.js';
import { LogsModule } from '../logs/logs.module.js';
import { LogsService } from '../logs/logs.service.js';
import { trustedAt, WHY_NOT_AT_FIRST, whySuspect } from '../logs/retention/clock-trust.js';
import { LogSweeper } from '../logs/retention/log-sweeper.js';
import { LogSweeperModule } from '../logs/retention/log-sweeper.module.js';
import { CommandError } from './command-error.js';
import { inApplication } from './in-application.js';
import { type ForceOption, type JsonOption } from './options.js';
import { print, write } from './output.js';
import { printable } from './printable.js';
import { readDto } from './read-dto.js';

/** `daybook logs add` */
export function add(message: string, options: JsonOption): Promise<void> {
  return inApplication('daybook logs add', LogsModule, async (application) => {
    const answer = await application.get(LogsService).create(readDto(CreateLogDto, { message }));
    print(answer, `${answer.status}.`, options);
  });
}

/** Of `daybook logs print`. */
export interface PrintOptions extends JsonOption {
  readonly limit: number;
  readonly since?: string;
  readonly until?: string;
  readonly grep?: string;
  readonly follow: boolean;
}

/** `daybook logs print` */
export function printEntries({
  limit,
  since,
  until,
  grep,
  follow,
  json = false,
}: PrintOptions): Promise<void> {
  if (follow && until !== undefined) throw new CommandError('--follow goes on for ever: leave out --until.');
  return inApplication('daybook logs print', LogsModule, async (application) => {
    const given = Object.entries({ since, until, q: grep }).filter(([, value]) => value !== undefined);
    const query = readDto(LogsQueryDto, Object.fromEntries(given));
    const interrupted = new AbortController();
    const stop = (): void => {
      process.exitCode = 130;
      interrupted.abort();
    };
    if (follow) process.once('SIGINT', stop).once('SIGTERM', stop);
    if (!json) await write(`${row('ID', 'TIMESTAMP', 'MESSAGE')}\n`);
    const parts = application
      .get(LogTail)
      .lines({ ...query, limit }, follow ? interrupted.signal : undefined);
    for await (const lines of parts) await write(json ? lines : tableOf(lines));
  });
}

/** `daybook logs sweep` */
export function sweep({ force, json }: ForceOption & JsonOption): Promise<void> {
  return inApplication('daybook logs sweep', LogSweeperModule, async (application) => {
    const sweeper = application.get(LogSweeper);
    if (!sweeper.isWanted) {
      throw new CommandError('All entries are kept: LOG_RETENTION_DAYS and LOG_RETENTION_ROWS are not set.');
    }
    const { ran, deleted, isFirst, suspectSince } = await sweeper.sweep({ force });
    if (!ran) throw new CommandError('Another process deletes entries now: try again when it has done.');
    const heldUntil = suspectSince && trustedAt(suspectSince).toISOString();
    const done = `${deleted.toLocaleString('en-US')} entries are deleted.`;
    print({ deleted, heldUntil }, isFirst ? `${done} ${WHY_NOT_AT_FIRST}` : done, { json });
    if (suspectSince) throw new CommandError(whySuspect(suspectSince));
  });
}

/** Lines of a table without an end, so that its columns are as wide for all. */
function tableOf(lines: string): string {
  const rows = lines.split('\n').slice(0, -1);
  return rows
    .map((line) => JSON.parse(line) as LogDto)
    .map(({ id, timestamp, message }) => `${row(String(id), timestamp, printable(message))}\n`)
    .join('');
}

const row = (id: string, timestamp: string, message: string): string =>
  `${id.padEnd(10)}  ${timestamp.padEnd(24)}  ${message}`;
