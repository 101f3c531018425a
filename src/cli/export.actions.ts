import { createWriteStream } from 'node:fs';
import type { Transform, Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { readConfig } from '../config/config.module.js';
import { DatabaseConfig } from '../config/database.config.js';
import { refuseDatabaseFile } from '../storage/refuse-database-file.js';
import { replaceFile } from '../files/replace-file.js';
import { exportDatabase, type LeftOutRow } from '../transfer/export-database.js';
import type { Counts } from '../transfer/export-format.js';
import { FirstFew } from '../first-few.js';
import { CommandError } from './command-error.js';
import { interruptible } from './interruptible.js';
import { type ForceOption, type JsonOption } from './options.js';
import { print, rowsOf } from './output.js';
import { refuseLeftOut } from './refuse-left-out.js';
import { withProgress } from './with-progress.js';

const LEFT_OUT = 'Rows that cannot be read, and are left out';

/** `daybook export` */
export async function run({
  out,
  force,
  ...options
}: { out: string } & ForceOption & JsonOption): Promise<void> {
  if (out === '-' && (force || options.json)) {
    throw new CommandError('--out - is standard output: leave out --force and --json.');
  }
  const config = readConfig(DatabaseConfig);
  const leftOut = new FirstFew<string>(100);
  const onLeftOut = ({ table, key, problem }: LeftOutRow) => leftOut.add(`${table} ${key}: ${problem}`);
  const exportTo = (stream: Writable, through: Transform[], signal: AbortSignal): Promise<Counts> =>
    withProgress((onProgress) => exportDatabase(config, stream, { onProgress, onLeftOut, through, signal }));
  if (out === '-') {
    // Also where the reader goes away: what it has is no export.
    process.exitCode = 1;
    await interruptible((signal) => exportTo(process.stdout, [], signal));
    refuseLeftOut(leftOut, LEFT_OUT);
    process.exitCode = 0;
    return;
  }
  await refuseDatabaseFile(config, out);
  let rows: Counts = {};
  await interruptible((signal) =>
    replaceFile(out, { force }, async (temporary) => {
      const through = out.endsWith('.gz') ? [createGzip()] : [];
      rows = await exportTo(createWriteStream(temporary), through, signal);
    }),
  );
  print({ file: out, rows }, `${rowsOf(rows)}: ${out}`, options);
  refuseLeftOut(leftOut, LEFT_OUT);
}
