// npm run build: compiles src into dist and makes there what the service and the command line run from.
// With --if-changed it does nothing where no file has changed since the last build, and where dist is there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** All that a build is made from, but for the tests in it. The lock file stands for node_modules. */
const SOURCES = [
  ...['src', 'scripts', 'docs', 'README.md', 'ormconfig.ts', 'nest-cli.json'],
  ...['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'],
];

const STAMP = 'dist/sources.sha256';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const sources = hashOf(SOURCES);
if (!process.argv.includes('--if-changed') || !isBuiltFrom(sources)) {
  const nest = findNest();
  process.stdout.write('Building, which takes some 15 seconds ...\n');
  rmSync('dist', { recursive: true, force: true });
  run(nest, 'build');
  run('scripts/build-assets.mjs');
  run('scripts/bundle.mjs');
  // Last: a build that was broken off is no build.
  writeFileSync(STAMP, sources);
}

/** Nest's command line. Ends the process where it is not installed, as after npm prune, before anything is removed. */
function findNest() {
  try {
    return createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
  } catch {
    process.stderr.write(
      'The packages that a build needs are not installed: run `npm ci`. dist is as it was.\n',
    );
    return process.exit(1);
  }
}

function run(script, ...args) {
  try {
    execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  } catch (error) {
    // What was wrong has been written by the script itself.
    process.exit(error.status ?? 1);
  }
}

function isBuiltFrom(hash) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash;
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf)) {
    // npm removes the mark from its lock file whenever it writes that, also when nothing else changes.
    const content = readFileSync(file, 'utf8').replaceAll(/^ *"gypfile": .*\n/gm, '');
    hash.update(`${file}\0`).update(content).update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return (
    readdirSync(path, { recursive: true })
      .map((name) => join(path, name))
      // Editors leave links that lead nowhere.
      .filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile() && !/\.spec\.tsx?$/.test(name))
      .toSorted()
  );
}
