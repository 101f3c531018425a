import { Command, Option } from 'commander';
import { count, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';
import type { PrintOptions } from './logs.actions.js';

/** `daybook logs` */
export function logsCommand(): Command {
  const logs = new Command('logs').description('shows and adds log entries');
  logs
    .command('add')
    .description('adds an entry')
    .argument('<message>')
    .addOption(jsonOption())
    .action(async (message: string, options: JsonOption) =>
      (await import('./logs.actions.js')).add(message, options),
    );
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
    .action(async (options: PrintOptions) => (await import('./logs.actions.js')).printEntries(options));
  logs
    .command('sweep')
    .description('deletes the entries that LOG_RETENTION_DAYS and LOG_RETENTION_ROWS do not keep')
    .addOption(forceOption('the time is right, however far it is from that of the last sweep'))
    .addOption(jsonOption())
    .action(async (options: ForceOption & JsonOption) => (await import('./logs.actions.js')).sweep(options));
  return logs;
}
