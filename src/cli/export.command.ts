import { Command } from 'commander';
import { fileName, type ForceOption, forceOption, type JsonOption, jsonOption } from './options.js';

/** `daybook export` */
export function exportCommand(): Command {
  return new Command('export')
    .description('writes all data into one file, for another database')
    .requiredOption(
      '--out <file>',
      'such as daybook.ndjson or daybook.ndjson.gz; - is standard output',
      fileName,
    )
    .addOption(forceOption('replace a file that is there'))
    .addOption(jsonOption())
    .addHelpText('after', '\nThe hashes of passwords are in the file: only its owner may read it.')
    .action(async (options: { out: string } & ForceOption & JsonOption) =>
      (await import('./export.actions.js')).run(options),
    );
}
