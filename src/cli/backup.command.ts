import { Command } from 'commander';
import { backUp } from '../backup/back-up.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { interruptible } from './interruptible.js';
import { fileName, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';
import { print } from './output.js';
import { withProgress } from './with-progress.js';

/** `daybook backup` */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copies the SQLite database into a file, also while the service runs')
    .argument('<file>', 'the backup to write', fileName)
    .addOption(forceOption('replace a file that is there'))
    .addOption(jsonOption())
    .addHelpText('after', '\nFor SQLite; PostgreSQL has pg_dump, see docs/operations.md.')
    .action(run);
}

async function run(file: string, { force, ...options }: ForceOption & JsonOption): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const bytes = await interruptible((signal) =>
    withProgress((onProgress) => backUp(config, file, { force, onProgress, signal })),
  );
  print({ file, bytes }, `${(bytes / 1_048_576).toFixed(1)} MiB, verified: ${file}`, options);
}
