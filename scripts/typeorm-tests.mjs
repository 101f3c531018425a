// Runs TypeORM's own tests on a data source of ours, and says which of them stock TypeORM passes and it does not:
//   node scripts/typeorm-tests.mjs PATH [--engine sqlite|postgres] [--class FILE] [--json FILE] [NAME...]
// PATH is TypeORM's repository at its tag 1.1.0. --class names the module that exports SessionDataSource; --stock
// runs stock TypeORM alone. --url takes a PostgreSQL server that runs already, instead of one for this run. A NAME is
// a part of a test file's path, such as "transaction/". One run at a time in a tree: they would share temp/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { prepare } from './typeorm/prepare.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const DATABASE = 'typeorm_tests';

/** Packages that are not installed, so that files that load them cannot be. */
const ABSENT = /require\("(testcontainers|@sap\/hana-client)"\)/;

/** The folders of test/functional that are most about what a data source does. Every set has a process of its own. */
const CORE =
  /^(transaction|repository|query-builder|persistence|cascades|entity-subscriber|custom-repository|base-entity|find-options|json|uuid|embedded|relations|entity-listeners|data-source|columns|table-inheritance|tree-tables|decorators|entity-schema|entity-model)$/;
const SETS = ['core', 'issues', 'others'];
function setOf([top, folder]) {
  if (top === 'core' || (top === 'functional' && CORE.test(folder))) return 'core';
  if (top.endsWith('-issues')) return 'issues';
  return top === 'functional' && folder !== 'mongodb' ? 'others' : undefined;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'sqlite' },
      class: { type: 'string', default: join(PROJECT, 'dist/src/database/index.js') },
      stock: { type: 'boolean' },
      url: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { engine, stock } = values;
  const [path, ...names] = positionals;
  if (!path || !['sqlite', 'postgres'].includes(engine)) {
    throw new Error(
      'Usage: node scripts/typeorm-tests.mjs PATH [--engine sqlite|postgres] [--class FILE] ...',
    );
  }
  const tree = resolve(path);
  prepare(tree);
  const server = engine === 'postgres' ? await serverAt(values.url) : { reset: () => resetSqlite(tree) };
  try {
    const run = (classFile, some) => runSets({ tree, server, classFile, names: some });
    // What stock passes is kept beside the tree, for all tests.
    const cache = `${tree}.stock-${engine}.json`;
    if (!stock && !existsSync(resolve(values.class))) throw new Error(`There is no ${values.class}.`);
    if ((stock && !names.length) || (!stock && !existsSync(cache))) {
      writeFileSync(cache, JSON.stringify(await run(undefined, []), null, 1));
    }
    if (stock) {
      const results = names.length ? await run(undefined, names) : JSON.parse(readFileSync(cache, 'utf8'));
      return report({ results, json: values.json });
    }
    const wanted = JSON.parse(readFileSync(cache, 'utf8')).filter(({ file }) => isNamed(file, names));
    return report({ results: await run(resolve(values.class), names), wanted, json: values.json });
  } finally {
    await server.stop?.();
  }
}

function resetSqlite(tree) {
  rmSync(join(tree, 'temp'), { recursive: true, force: true });
  mkdirSync(join(tree, 'temp'));
  return { type: 'better-sqlite3', database: 'temp/better-sqlite3.db', logging: false };
}

/** The server at `url`, or one for this run, with a database that can be had empty. */
async function serverAt(url) {
  let stop;
  if (!url) {
    // Only here: once loaded, it sees to this process's exit code, until it is started.
    const { default: startPostgres } = await import('../test/support/postgres.server.ts');
    stop = await startPostgres({ provide: (_, value) => (url = value) });
  }
  const { hostname: host, port, username, password } = new URL(url);
  const query = async (database, ...statements) => {
    const client = new pg.Client({ connectionString: String(new URL(database, url)) });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const reset = async () => {
    const { pathname } = new URL(url);
    await query(pathname, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`, `CREATE DATABASE ${DATABASE}`);
    // The test of issue 3857 needs a schema that another test has made, where all run in their order.
    await query(`/${DATABASE}`, 'CREATE SCHEMA custom');
    return { type: 'postgres', host, port: Number(port || 5432), username, password, database: DATABASE };
  };
  return { stop, reset };
}

function isNamed(file, names) {
  return names.length === 0 || names.some((name) => file.includes(name));
}

async function runSets({ tree, server, classFile, names }) {
  const compiled = join(tree, 'build/compiled/test');
  const files = readdirSync(compiled, { recursive: true })
    .filter(
      (file) => file.endsWith('.test.js') && isNamed(file.replaceAll(sep, '/').replace(/js$/, 'ts'), names),
    )
    .filter((file) => !ABSENT.test(readFileSync(join(compiled, file), 'utf8')))
    .toSorted();
  if (!files.length) throw new Error(`No test file is called ${names.join(' or ')}.`);
  const results = [];
  for (const set of SETS) {
    const ofSet = files.filter((file) => setOf(file.split(sep)) === set).map((file) => join(compiled, file));
    if (!ofSet.length) continue;
    process.stdout.write(`Running ${set} on ${classFile ?? 'stock TypeORM'} ...\n`);
    writeFileSync(join(tree, 'ormconfig.json'), JSON.stringify([await server.reset()]));
    const output = join(tree, 'build/results.jsonl');
    writeFileSync(output, '');
    const task = JSON.stringify({ tree, project: PROJECT, classFile, files: ofSet, output });
    const { status, signal } = spawnSync(process.execPath, [join(PROJECT, 'scripts/typeorm/run.mjs'), task], {
      cwd: tree,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 900_000,
    });
    const written = readFileSync(output, 'utf8').split('\n').slice(0, -1);
    if (!written.length) throw new Error(`The tests of ${set} cannot be run.`);
    const lines = written.map((line) => ({ set, ...JSON.parse(line) }));
    if (!lines.at(-1).end)
      lines.push({ set, title: `${set} ended early: ${signal ?? status}`, state: 'fail' });
    results.push(...lines.filter(({ state }) => state));
  }
  return results;
}

/** Prints the results, and which of the tests that `wanted` has passed they have not. */
function report({ results, wanted = results, json }) {
  if (json) writeFileSync(json, JSON.stringify(results, null, 1));
  for (const set of SETS) {
    const counts = ['pass', 'fail', 'pending'].map((state) => {
      const count = (list) => list.filter((result) => result.set === set && result.state === state).length;
      return `${state} ${count(results)} (stock ${count(wanted)})`;
    });
    if (results.some((result) => result.set === set)) process.stdout.write(`${set}: ${counts.join(', ')}\n`);
  }
  print(
    'These fail:',
    results.filter(({ state }) => state === 'fail'),
  );
  if (wanted === results) return 0;
  const own = new Map(numbered(results));
  const lost = numbered(wanted).filter(
    ([id, { state }]) => state === 'pass' && own.get(id)?.state !== 'pass',
  );
  print(
    'Stock passes these, the class does not:',
    lost.map(([id, test]) => own.get(id) ?? { ...test, error: 'not run' }),
  );
  return lost.length ? 1 : 0;
}

/** Results by what a test is called; some have the same name in the same file. */
function numbered(results) {
  const seen = new Map();
  return results.map((result) => {
    const name = `${result.file} ${result.title}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return [`${name} ${seen.get(name)}`, result];
  });
}

function print(heading, tests) {
  if (!tests.length) return;
  process.stdout.write(`\n${heading}\n`);
  for (const { file, title, error } of tests) {
    process.stdout.write(`  ${file ? `${file}: ` : ''}${title}\n    ${(error ?? '').split('\n')[0]}\n`);
  }
}
