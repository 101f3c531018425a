import { Command } from 'commander';
import { fileName, type JsonOption, jsonOption } from './options.js';

/** `daybook verify` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('looks a database or a backup over, and changes nothing')
    .argument('[file]', 'a backup or another SQLite file; without it, the database of DATABASE_URL', fileName)
    .addOption(jsonOption())
    .addHelpText('after', '\nThe exit code is 1 where something is wrong.')
    .action(async (file: string | undefined, options: JsonOption) =>
      (await import('./verify.actions.js')).run(file, options),
    );
}
