import { Command, Option } from 'commander';
import { FORMATS } from '../tasks/export/formats.js';
import { fileName, type JsonOption, jsonOption, type LimitOption, limitOption } from './options.js';
import type { ExportOptions, ImportOptions } from './tasks.actions.js';

/** `daybook tasks` */
export function tasksCommand(): Command {
  const tasks = new Command('tasks').description('shows, adds, imports and exports tasks');
  tasks
    .command('list')
    .description('shows tasks, by id')
    .addOption(limitOption(100))
    .addOption(jsonOption())
    .action(async (options: LimitOption & JsonOption) => (await import('./tasks.actions.js')).list(options));
  tasks
    .command('add')
    .description('adds a task')
    .argument('<name>')
    .option('--done', 'it is done already', false)
    .addOption(jsonOption())
    .action(async (name: string, options: { done: boolean } & JsonOption) =>
      (await import('./tasks.actions.js')).add(name, options),
    );
  tasks
    .command('import')
    .description(
      "imports Microsoft To Do's data, or Daybook's own JSON export; the same file twice changes nothing",
    )
    .argument('<file>', 'the JSON, or - for standard input')
    .option('--dry-run', 'only tell what it would do', false)
    .option('--strict', 'import nothing where any record is at fault', false)
    .addOption(jsonOption())
    .addHelpText('after', '\nExits with 1 where any record is left out.')
    .action(async (file: string, options: ImportOptions) =>
      (await import('./tasks.actions.js')).importTasks(file, options),
    );
  tasks
    .command('export')
    .description('writes all tasks into files')
    .addOption(new Option('--format <form>', 'what will read them').choices(FORMATS).default('asana'))
    .requiredOption('--out <folder>', 'where to write; it is made where there is none', fileName)
    .option('--time-zone <name>', 'the time zone of dates in a CSV, such as Europe/Berlin', 'UTC')
    .option('--no-safe-cells', 'leave cells as they are that a spreadsheet would run as a formula')
    .option('--force', 'replace files that are there already', false)
    .addOption(jsonOption())
    .action(async (options: ExportOptions) => (await import('./tasks.actions.js')).exportTasks(options));
  return tasks;
}
