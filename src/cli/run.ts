import { Command } from 'commander';
import { explainFailure } from '../explain-failure.js';
import { VERSION } from '../version.js';
import { backupCommand } from './backup.command.js';
import { CommandError } from './command-error.js';
import { doctorCommand } from './doctor.command.js';
import { exportCommand } from './export.command.js';
import { importCommand } from './import.command.js';
import { logsCommand } from './logs.command.js';
import { notesCommand } from './notes.command.js';
import { restoreCommand } from './restore.command.js';
import { tasksCommand } from './tasks.command.js';
import { usersCommand } from './users.command.js';
import { verifyCommand } from './verify.command.js';

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
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exitCode = error instanceof CommandError ? error.exitCode : 1;
  }
}

const program = (): Command =>
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
