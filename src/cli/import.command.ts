import { Command } from 'commander';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { importFile } from '../transfer/import-file.js';
import { interruptible } from './interruptible.js';
import { fileName, type JsonOption, jsonOption } from './options.js';
import { print, rowsOf } from './output.js';
import { withProgress } from './with-progress.js';

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
    .action(run);
}

async function run(file: string, { merge, ...options }: { merge: boolean } & JsonOption): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const report = await interruptible(
    (signal) => withProgress((onProgress) => importFile(config, file, { merge, onProgress, signal })),
    'no rows were changed',
  );
  print({ file, ...report }, `${rowsOf(report.added)} added to ${config.displayUrl}.`, options);
}
