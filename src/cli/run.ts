import 'reflect-metadata';
import { Command } from 'commander';
import { explainFailure } from '../explain-failure.js';
import { explainFileFailure } from '../files/file-error.js';
import { VERSION } from '../version.js';
import { backupCommand } from './backup.command.js';
import { CommandError } from './command-error.js';
import { doctorCommand } from './doctor.command.js';
import { exportCommand } from './export.command.js';
import { importCommand } from './import.command.js';
import { logsCommand } from './logs.command.js';
import { notesCommand } from './notes.command.js';
import { printable } from './printable.js';
import { restoreCommand } from './restore.command.js';
import { tasksCommand } from './tasks.command.js';
import { usersCommand } from './users.command.js';
import { verifyCommand } from './verify.command.js';

/** Runs one command as the process that it is started in. @param args what follows the command's own name */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // What reads our output may stop early, as `head` does: that is no failure, but of what must be whole.
    if (error.code === 'EPIPE' && process.exitCode !== 1) process.exit(0);
    tellFailure(explainFileFailure(error, 'Standard output cannot be written'));
    process.exit(1);
  });
  await run(args);
}

/**
 * Runs one command. What it answers goes to standard output. What was wrong is told on standard error, and is the
 * process's exit code.
 *
 * @param args what follows the command's own name
 */
export async function run(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    tellFailure(error);
    process.exitCode = error instanceof CommandError ? error.exitCode : 1;
  }
}

/** Of a line of a message, which may repeat what a file or a database has. */
const MAX_CHARACTERS = 8_192;

/** Says on standard error what was wrong. */
export function tellFailure(error: unknown): void {
  const lines = explainFailure(error).split('\n');
  process.stderr.write(lines.map((line) => `${printable(line.slice(0, MAX_CHARACTERS))}\n`).join(''));
}

/** All commands. */
export const program = (): Command =>
  new Command('daybook')
    .description(
      'Reads, writes, saves and moves what Daybook keeps, beside a running service or without one.',
    )
    .version(VERSION)
    .addHelpText('after', '\nSettings are those of the service, such as DATABASE_URL: see the README.')
    .addCommand(logsCommand())
    .addCommand(tasksCommand())
    .addCommand(usersCommand())
    .addCommand(notesCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(verifyCommand())
    .addCommand(doctorCommand());
