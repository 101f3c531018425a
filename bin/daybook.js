#!/usr/bin/env node
// The command `daybook`: the built one, or before there is any, how to build it.
import { existsSync } from 'node:fs';

const built = new URL('../dist/daybook.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('Daybook is not built yet: run `npm ci && npm run build`, then this command again.\n');
  process.exitCode = 1;
}
