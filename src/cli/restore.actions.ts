import { restore } from '../backup/restore.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { interruptible } from './interruptible.js';
import { type ForceOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { withProgress } from './with-progress.js';

/** `daybook restore` */
export async function run(file: string, { force, ...options }: ForceOption & JsonOption): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const old = await interruptible((signal) =>
    withProgress((onProgress) => restore(config, file, { force, onProgress, signal })),
  );
  const kept = old ? ` What was there is ${old}: remove it when you do not need it.` : '';
  print({ database: config.file, old }, `${config.file} is restored.${kept}`, options);
}
