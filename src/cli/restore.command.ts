import { Command } from 'commander';
import { restore } from '../backup/restore.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { interruptible } from './interruptible.js';
import { fileName, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';
import { print } from './output.js';
import { withProgress } from './with-progress.js';

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
    .action(run);
}

async function run(file: string, { force, ...options }: ForceOption & JsonOption): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const old = await interruptible((signal) =>
    withProgress((onProgress) => restore(config, file, { force, onProgress, signal })),
  );
  const kept = old ? ` What was there is ${old}: remove it when you do not need it.` : '';
  print({ database: config.file, old }, `${config.file} is restored.${kept}`, options);
}
