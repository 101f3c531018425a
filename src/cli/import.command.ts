import { Command } from 'commander';
import { fileName, type JsonOption, jsonOption } from './options.js';

/** `daybook import` */
export function importCommand(): Command {
  return new Command('import')
    .description('takes an exported file into the database, all of it or nothing')
    .argument('<file>', 'what daybook export has written', fileName)
    .option('--merge', 'add to a database that has rows already', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWith --merge a row whose id is free is added, and one that is there already is left. Where a row differs\n' +
        'from the one with its id, nothing is imported, and those rows are named. Who writes meanwhile waits.',
    )
    .action(async (file: string, options: { merge: boolean } & JsonOption) =>
      (await import('./import.actions.js')).run(file, options),
    );
}
