// Makes what the compiled service serves besides its code: ReDoc's one file with its licence, so that serving it needs no
// package, and the snapshot of Daybook's own documentation for the search. Run it from the top of the project.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const redoc = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
mkdirSync('dist/assets', { recursive: true });
cpSync(redoc, 'dist/assets/redoc.standalone.js');
cpSync(`${redoc}.LICENSE.txt`, 'dist/assets/redoc.standalone.js.LICENSE.txt');

const command = [
  'dist/src/docs-builder/docs-build.js',
  'README.md',
  'docs',
  '--out',
  'dist/assets/docs.sqlite',
];
execFileSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
