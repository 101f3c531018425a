import { configOf } from '../backup/back-up.js';
import { verifyDatabase } from '../checks/verify-database.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { type JsonOption } from './options.js';
import { printFindings } from './output.js';

/** `daybook verify` */
export async function run(file: string | undefined, options: JsonOption): Promise<void> {
  const config = file === undefined ? readConfig(DatabaseConfig) : configOf(file);
  printFindings(await verifyDatabase(config), options);
}
