import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

describe('npm ci', () => {
  // A package with a binding.gyp is compiled unless it says `"gypfile": false`. npm 10, and 11 up to 11.15, look for
  // that in the lockfile only, and every npm install that writes the lockfile leaves it out.
  it('compiles no package', async () => {
    const root = new URL('../../', import.meta.url);
    const lockfile = await readFile(new URL('package-lock.json', root), 'utf8');
    const { packages } = JSON.parse(lockfile) as { packages: Record<string, { gypfile?: boolean }> };
    const compiled = Object.entries(packages)
      .filter(
        ([path, { gypfile }]) =>
          gypfile !== false && existsSync(fileURLToPath(new URL(`${path}/binding.gyp`, root))),
      )
      .map(([path]) => path);
    expect(compiled, 'add "gypfile": false to these in package-lock.json').toEqual([]);
  });
});
