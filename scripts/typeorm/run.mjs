// Runs compiled tests of TypeORM in this process, for typeorm-tests.mjs, and writes a line for each result.
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { tree, project, classFile, files, output } = JSON.parse(process.argv[2]);
const compiled = join(tree, 'build/compiled');
const inTree = createRequire(join(tree, 'package.json'));
const inProject = createRequire(join(project, 'package.json'));
const treeUrl = pathToFileURL(join(tree, '/')).href;
const CREATE = 'return new src_1.DataSource(options)';

// The class must extend the very DataSource that the tests import, and both must have the same drivers.
registerHooks({
  resolve(specifier, context, next) {
    const [, name, path = '/index.js'] = /^(typeorm|pg|better-sqlite3)(\/.*)?$/.exec(specifier) ?? [];
    if (name === 'typeorm') return found(inTree.resolve(join(compiled, 'src', path)));
    if (name && context.parentURL?.startsWith(treeUrl)) return found(inProject.resolve(specifier));
    return next(specifier, context);
  },
  load(url, context, next) {
    const loaded = next(url, context);
    if (!classFile || !url.endsWith('/test/utils/test-utils.js')) return loaded;
    const source = readFileSync(new URL(url), 'utf8');
    if (!source.includes(CREATE)) throw new Error(`There is no "${CREATE}" in ${url}.`);
    return { ...loaded, source: source.replace(CREATE, 'return new SessionDataSourceUnderTest(options)') };
  },
});

if (classFile) {
  const { SessionDataSource } = await import(pathToFileURL(classFile));
  if (!SessionDataSource) throw new Error(`${classFile} exports no SessionDataSource.`);
  globalThis.SessionDataSourceUnderTest = SessionDataSource;
}
const Mocha = inTree('mocha');
const mocha = new Mocha({ timeout: 20_000, reporter: Lines });
for (const file of [join(compiled, 'test/utils/test-setup.js'), ...files]) mocha.addFile(file);
// As mocha's command line does: its runner leaves rejections that nobody handles to such a listener.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
mocha.run(() => {
  write({ end: true });
  process.exit();
});

function Lines(runner) {
  const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
  const report = (state) => (test, error) =>
    write({
      file: test.file?.slice(join(compiled, 'test/').length).replace(/\.js$/, '.ts'),
      title: test.fullTitle(),
      state,
      ms: test.duration,
      error: error?.stack ?? error?.message,
    });
  runner.on(EVENT_TEST_PASS, report('pass'));
  runner.on(EVENT_TEST_FAIL, report('fail'));
  runner.on(EVENT_TEST_PENDING, report('pending'));
}

/** At once, so that a process that dies leaves the results it had. */
function write(line) {
  appendFileSync(output, `${JSON.stringify(line)}\n`);
}

function found(path) {
  return { url: pathToFileURL(path).href, shortCircuit: true };
}
