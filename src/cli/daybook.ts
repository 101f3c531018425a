#!/usr/bin/env node
import 'reflect-metadata';
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

const program = new Command('daybook')
  .description('Reads, writes, saves and moves what Daybook keeps, beside a running service or without one.')
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

// What reads our output may stop early, as `head` does: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
}
