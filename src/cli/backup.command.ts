import { Command } from 'commander';
import { fileName, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';

/** `daybook backup` */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copies the SQLite database into a file, also while the service runs')
    .argument('<file>', 'the backup to write', fileName)
    .addOption(forceOption('replace a file that is there'))
    .addOption(jsonOption())
    .addHelpText('after', '\nFor SQLite; PostgreSQL has pg_dump, see docs/operations.md.')
    .action(async (file: string, options: ForceOption & JsonOption) =>
      (await import('./backup.actions.js')).run(file, options),
    );
}
