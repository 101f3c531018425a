import { backUp } from '../backup/back-up.js';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { interruptible } from './interruptible.js';
import { type ForceOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { withProgress } from './with-progress.js';

/** `daybook backup` */
export async function run(file: string, { force, ...options }: ForceOption & JsonOption): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const bytes = await interruptible((signal) =>
    withProgress((onProgress) => backUp(config, file, { force, onProgress, signal })),
  );
  print({ file, bytes }, `${(bytes / 1_048_576).toFixed(1)} MiB, verified: ${file}`, options);
}
