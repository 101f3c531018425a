#!/usr/bin/env node
import 'reflect-metadata';
import { run } from './run.js';

// What reads our output may stop early, as `head` does: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

await run(process.argv.slice(2));
