import { Command } from 'commander';
import { fileName, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';

/** `daybook restore` */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('puts a backup in the place of the SQLite database; stop the service first')
    .argument('<file>', 'what daybook backup has written', fileName)
    .addOption(forceOption('replace the database that is there; it is kept as NAME.before-restore-TIME'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt refuses while anybody has the database open. For SQLite; PostgreSQL has pg_restore, see docs/operations.md.',
    )
    .action(async (file: string, options: ForceOption & JsonOption) =>
      (await import('./restore.actions.js')).run(file, options),
    );
}
