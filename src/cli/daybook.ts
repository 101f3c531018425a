#!/usr/bin/env node
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { explainFailure } from '../explain-failure.js';
import { logsCommand } from './logs.command.js';
import { notesCommand } from './notes.command.js';
import { tasksCommand } from './tasks.command.js';
import { usersCommand } from './users.command.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('daybook')
  .description('Reads and writes what Daybook keeps, beside a running service or without one.')
  .version(version)
  .addHelpText('after', '\nSettings are those of the service, such as DATABASE_URL: see the README.')
  .addCommand(logsCommand())
  .addCommand(tasksCommand())
  .addCommand(usersCommand())
  .addCommand(notesCommand());

// What reads our output may stop early, as `head` does: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}
