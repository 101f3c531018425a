import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

describe('replaceFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-replace-'));
    file = join(folder, 'file');
    await writeFile(file, 'old');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('leaves the old file until the new one is whole', async () => {
    await replaceFile(file, { force: true }, async (temporary) => {
      await writeFile(temporary, 'new');
      expect(await readFile(file, 'utf8')).toBe('old');
    });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('leaves nothing of a file that could not be written', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const write = async (temporary: string): Promise<void> => {
      await writeFile(temporary, 'half');
      throw full;
    };
    await expect(replaceFile(file, { force: true }, write)).rejects.toThrow(
      `${file} cannot be written: the disk is full.`,
    );
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('writes where a link leads', async () => {
    const link = join(folder, 'link');
    await symlink(file, link);
    await replaceFile(link, { force: true }, (temporary) => writeFile(temporary, 'new'));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('new');
  });
});
