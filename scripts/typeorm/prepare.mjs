import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const VERSION = '1.1.0';
/** Of its src: the commits after the tag have its version, too. */
const SOURCES = '971b0c80b50f5723e5a7ec28b7104a191d6c3936f07bdf807a3f7fa7ddebce24';

/** What the tests need. better-sqlite3 and pg are the project's; some tests of every engine load mongodb or mysql2. */
const PACKAGES =
  /^(@types\/.*|@tsconfig\/node20|chai(-as-promised)?|sinon(-chai)?|mocha|class-transformer|source-map-support|typescript|pg-query-stream|sql\.js|mongodb|mysql2)$/;

/** Makes TypeORM's repository at `tree` one whose compiled tests can be run. */
export function prepare(tree) {
  const manifestFile = join(tree, 'package.json');
  if (!existsSync(join(tree, 'test/core')) || sourcesOf(tree) !== SOURCES) {
    throw new Error(`${tree} is not TypeORM's repository at its tag ${VERSION}.`);
  }
  const done = join(tree, 'build/compiled/done');
  if (existsSync(done)) return;
  process.stdout.write('Installing what the tests need, and compiling them, which takes half a minute ...\n');
  const { name, version, dependencies, devDependencies } = JSON.parse(readFileSync(manifestFile, 'utf8'));
  for (const key of Object.keys(devDependencies)) if (!PACKAGES.test(key)) delete devDependencies[key];
  writeFileSync(manifestFile, JSON.stringify({ name, version, dependencies, devDependencies }, null, 2));
  const npm = [
    'install',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status } = spawnSync('npm', npm, { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm cannot install TypeORM's packages in ${tree}.`);
  // It complains of what is not installed, and writes all files nevertheless.
  spawnSync(process.execPath, [join(tree, 'node_modules/typescript/bin/tsc'), '--skipLibCheck'], {
    cwd: tree,
  });
  if (!existsSync(join(tree, 'build/compiled/test/utils/test-utils.js'))) throw new Error('tsc has failed.');
  writeFileSync(done, '');
}

function sourcesOf(tree) {
  const hash = createHash('sha256');
  const names = readdirSync(join(tree, 'src'), { recursive: true }).map((name) => name.replaceAll(sep, '/'));
  for (const name of names.filter((file) => file.endsWith('.ts')).toSorted()) {
    hash.update(`${name}\0`).update(readFileSync(join(tree, 'src', name)));
  }
  return hash.digest('hex');
}
