import { Command, Option } from 'commander';
import { CreateLogDto } from '../logs/dto/create-log.dto.js';
import type { LogDto } from '../logs/dto/log.dto.js';
import { LogsQueryDto } from '../logs/dto/logs-query.dto.js';
import { LogTail } from '../logs/log-tail.js';
import { LogsService } from '../logs/logs.service.js';
import { CommandError } from './command-error.js';
import { inApplication } from './in-application.js';
import { count, type JsonOption, jsonOption } from './options.js';
import { print, printable, write } from './output.js';
import { readDto } from './read-dto.js';

/** `daybook logs` */
export function logsCommand(): Command {
  const logs = new Command('logs').description('shows and adds log entries');
  logs.command('add').description('adds an entry').argument('<message>').addOption(jsonOption()).action(add);
  logs
    .command('print')
    .description('shows entries, the newest last')
    .alias('list')
    .addOption(new Option('--limit <n>', 'only the newest').argParser(count).default(100))
    .option(
      '--since <time>',
      'from a time on, such as 2026-11-22T15:00Z, or for a while, such as 15m, 1h or 7d',
    )
    .option('--until <time>', 'before a time')
    .option('--grep <text>', 'only those with this text, in which A to Z are as a to z')
    .option('--follow', 'go on as entries come, until Ctrl-C', false)
    .addOption(new Option('--json', 'one entry a line as JSON, for scripts'))
    .action(printEntries);
  return logs;
}

function add(message: string, options: JsonOption): Promise<void> {
  return inApplication('daybook logs add', async (application) => {
    const answer = await application.get(LogsService).create(readDto(CreateLogDto, { message }));
    print(answer, `${answer.status}.`, options);
  });
}

interface PrintOptions extends JsonOption {
  readonly limit: number;
  readonly since?: string;
  readonly until?: string;
  readonly grep?: string;
  readonly follow: boolean;
}

function printEntries({ limit, since, until, grep, follow, json = false }: PrintOptions): Promise<void> {
  if (follow && until !== undefined) throw new CommandError('--follow goes on for ever: leave out --until.');
  return inApplication('daybook logs print', async (application) => {
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
