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
  const { old, idsMayRepeat } = await interruptible((signal) =>
    withProgress((onProgress) => restore(config, file, { force, onProgress, signal })),
  );
  const kept = old ? ` What was there is ${old}: remove it when you do not need it.` : '';
  const repeated = idsMayRepeat
    ? ' It was too damaged to tell the last ids that it has given: some of them may be given again.'
    : '';
  print(
    { database: config.file, old, idsMayRepeat },
    `${config.file} is restored.${kept}${repeated}`,
    options,
  );
}
