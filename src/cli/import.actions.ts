import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { importFile } from '../transfer/import-file.js';
import { interruptible } from './interruptible.js';
import { type JsonOption } from './options.js';
import { print, rowsOf } from './output.js';
import { withProgress } from './with-progress.js';

/** `daybook import` */
export async function run(
  file: string,
  { merge, ...options }: { merge: boolean } & JsonOption,
): Promise<void> {
  const config = readConfig(DatabaseConfig);
  const report = await interruptible(
    (signal) => withProgress((onProgress) => importFile(config, file, { merge, onProgress, signal })),
    'no rows were changed',
  );
  print({ file, ...report }, `${rowsOf(report.added)} added to ${config.displayUrl}.`, options);
}
