import { Command } from 'commander';
import { type JsonOption, jsonOption } from './options.js';

/** `daybook doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('looks over settings, database, disk and more, says what to do, and changes nothing')
    .addOption(jsonOption())
    .addHelpText('after', '\nThe exit code is 1 where something keeps the service from working.')
    .action(async (options: JsonOption) => (await import('./doctor.actions.js')).run(options));
}
