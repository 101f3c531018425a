import { diagnose } from '../checks/diagnose.js';
import { loadEnvFile } from '../config/environment.js';
import { type JsonOption } from './options.js';
import { printFindings } from './output.js';

/** `daybook doctor` */
export async function run(options: JsonOption): Promise<void> {
  loadEnvFile();
  printFindings(await diagnose(process.env), options);
}
