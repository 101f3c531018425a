import { Command } from 'commander';
import { configOf } from '../backup/back-up.js';
import { verifyDatabase } from '../checks/verify-database.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { fileName, type JsonOption, jsonOption } from './options.js';
import { printFindings } from './output.js';

/** `daybook verify` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('looks a database or a backup over, and changes nothing')
    .argument('[file]', 'a backup or another SQLite file; without it, the database of DATABASE_URL', fileName)
    .addOption(jsonOption())
    .addHelpText('after', '\nThe exit code is 1 where something is wrong.')
    .action(run);
}

async function run(file: string | undefined, options: JsonOption): Promise<void> {
  const config = file === undefined ? readConfig(DatabaseConfig) : configOf(file);
  printFindings(await verifyDatabase(config), options);
}
