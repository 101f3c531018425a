import { Command } from 'commander';
import { diagnose } from '../checks/diagnose.js';
import { loadEnvFile } from '../config/environment.js';
import { type JsonOption, jsonOption } from './options.js';
import { printFindings } from './output.js';

/** `daybook doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('looks over settings, database, disk and more, says what to do, and changes nothing')
    .addOption(jsonOption())
    .addHelpText('after', '\nThe exit code is 1 where something keeps the service from working.')
    .action(run);
}

async function run(options: JsonOption): Promise<void> {
  loadEnvFile();
  printFindings(await diagnose(process.env), options);
}
