import { readFile } from 'node:fs/promises';

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'));

describe('npm run start:dev', () => {
  // What nest start --watch compiles is not all that npm run build makes: there are the snapshot and ReDoc, too.
  it('begins with the whole build, of which watching deletes nothing', async () => {
    const { scripts } = (await read('package.json')) as { scripts: Record<string, string> };
    expect(scripts['prestart:dev']).toBe('npm run build');
    const { compilerOptions } = (await read('nest-cli.json')) as { compilerOptions: object };
    expect(compilerOptions).not.toHaveProperty('deleteOutDir');
  });
});
