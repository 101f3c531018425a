#!/usr/bin/env node
import 'reflect-metadata';
import { explainFileFailure } from '../files/file-error.js';
import { run, tellFailure } from './run.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // What reads our output may stop early, as `head` does: that is no failure, but of what must be whole.
  if (error.code === 'EPIPE' && process.exitCode !== 1) process.exit(0);
  tellFailure(explainFileFailure(error, 'Standard output cannot be written'));
  process.exit(1);
});

await run(process.argv.slice(2));
