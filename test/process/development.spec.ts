import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/postgres.server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a build is made from. */
const SOURCES = [
  ...['bin', 'src', 'scripts', 'docs', 'README.md', 'ormconfig.ts', 'nest-cli.json'],
  ...['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'],
];

const POLL = { timeout: 200_000, interval: 100 };

describe('a checkout', () => {
  let folder: string;
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-checkout-'));
    for (const name of SOURCES) await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says how to build it before there is a build', async () => {
    await expect(run('bin/daybook.js', '--version')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'Daybook is not built yet: run `npm ci && npm run build`, then this command again.\n',
    });
  });

  it('serves under npm run start:dev what the whole build has, and each change', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn('npm', ['run', 'start:dev'], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'warn' },
      stdio: 'ignore',
      // npm hands signals on to its shell only: the whole group gets them below.
      detached: true,
    });
    const get = (path: string): Promise<string> =>
      fetch(`${url}${path}`, { headers: { connection: 'close' } }).then(
        (answer) => answer.text(),
        () => '',
      );
    try {
      await expect.poll(() => get('/info'), POLL).toBe('"nestjs"');
      expect(JSON.parse(await get('/search?q=settings'))).toMatchObject({ results: expect.any(Array) });
      expect((await get('/redoc/redoc.standalone.js')).length).toBeGreaterThan(1_000_000);
      const file = join(folder, 'src/home/home.controller.ts');
      const source = await readFile(file, 'utf8');
      await writeFile(file, source.replace(`return '"nestjs"'`, `return '"changed"'`));
      await expect.poll(() => get('/info'), POLL).toBe('"changed"');
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
    }
  });

  it('is built where something has changed, and only then', async () => {
    await rm(join(folder, 'dist'), { recursive: true });
    await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    await cp(join(ROOT, 'src'), join(folder, 'src'), { recursive: true, force: true });
    const built = () => stat(join(folder, 'dist/main.js')).then(({ mtimeMs }) => mtimeMs);
    // That of the project may be older than its sources.
    await run('scripts/build.mjs', '--if-changed');
    const first = await built();
    await run('scripts/build.mjs', '--if-changed');
    expect(await built()).toBe(first);
    expect((await run('bin/daybook.js', '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);

    // Without the packages that a build needs, as after npm prune. What is there is left.
    await rm(join(folder, 'node_modules'));
    await run('scripts/build.mjs', '--if-changed');
    await writeFile(join(folder, 'docs/new.md'), '# A new page\n');
    await expect(run('scripts/build.mjs', '--if-changed')).rejects.toMatchObject({
      code: 1,
      stderr: 'The packages that a build needs are not installed: run `npm ci`. dist is as it was.\n',
    });
    expect(await built()).toBe(first);
  });
});
