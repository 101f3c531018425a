import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

describe('a Node that is too old', () => {
  let folder: string;
  let preload: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-old-node-'));
    preload = join(folder, 'preload.cjs');
    // It says that it is an old one, and tells of each native module that is loaded.
    await writeFile(
      preload,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
       process.dlopen = (module, file) => { process.stderr.write('loaded ' + file); process.exit(3); };`,
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    'main.js',
    'daybook.js',
    'src/main.js',
    'src/cli/daybook.js',
    'src/docs-builder/docs-build.js',
    'src/storage/migration-command.js',
    'ormconfig.js',
    '../bin/daybook.js',
  ])('ends dist/%s with one sentence, before a native module is loaded', async (entry) => {
    const started = promisify(execFile)(process.execPath, ['--require', preload, `${DIST}${entry}`], {
      cwd: folder,
    });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'Daybook needs Node.js 22.19 or newer, and this is 20.20.2: install a newer one, as docs/operations.md says ' +
        'under "From Node 20".\n',
    });
  });
});
