import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { realPlace, replaceFile } from './replace-file.js';

vi.mock(import('node:fs/promises'), async (original) => {
  const actual = await original();
  return { ...actual, link: vi.fn<typeof actual.link>(actual.link) };
});

describe('replaceFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-replace-'));
    file = join(folder, 'file');
    await writeFile(file, 'old');
  });
  afterEach(async () => {
    vi.mocked(link).mockReset();
    await rm(folder, { recursive: true });
  });

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

  it('never replaces what another has made meanwhile', async () => {
    const fresh = join(folder, 'fresh');
    const write = async (temporary: string): Promise<void> => {
      await writeFile(temporary, 'new');
      await writeFile(fresh, 'made meanwhile');
    };
    await expect(replaceFile(fresh, {}, write)).rejects.toThrow(
      `${fresh} was made meanwhile by something else, and is left as it is.`,
    );
    expect(await readFile(fresh, 'utf8')).toBe('made meanwhile');
    expect(await readdir(folder)).toEqual(['file', 'fresh']);
  });

  it('makes a file also on a disk that knows no second names', async () => {
    const fresh = join(folder, 'fresh');
    const none = Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    vi.mocked(link).mockRejectedValue(none);
    await replaceFile(fresh, {}, (temporary) => writeFile(temporary, 'new'));
    expect(await readFile(fresh, 'utf8')).toBe('new');
    const other = join(folder, 'other');
    const write = (): Promise<void> => writeFile(other, 'made meanwhile');
    await expect(replaceFile(other, {}, write)).rejects.toThrow('was made meanwhile');
    expect(await readFile(other, 'utf8')).toBe('made meanwhile');
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'fresh', 'other']);
  });

  it('writes under a name that nobody can guess, for its owner alone', async () => {
    const names = new Set<string>();
    for (let n = 0; n < 2; n += 1) {
      await replaceFile(file, { force: true }, async (temporary) => {
        names.add(basename(temporary));
        expect((await stat(temporary)).mode & 0o777).toBe(0o600);
      });
    }
    expect(names.size).toBe(2);
    for (const name of names) expect(name).toMatch(/^\.file\.[0-9a-f]{16}\.tmp$/);
  });

  it('writes where a link leads', async () => {
    const name = join(folder, 'link');
    await symlink(file, name);
    await replaceFile(name, { force: true }, (temporary) => writeFile(temporary, 'new'));
    expect((await lstat(name)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('writes where a link leads that leads to nothing yet, also in a folder of another name', async () => {
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'alias'));
    await symlink('../alias/file', join(folder, 'real', 'link'));
    await replaceFile(join(folder, 'alias', 'link'), {}, (temporary) => writeFile(temporary, 'new'));
    expect((await lstat(join(folder, 'real', 'link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real', 'file'), 'utf8')).toBe('new');
  });

  it('has one place for all names of a file that is not there yet', async () => {
    await symlink('none', join(folder, 'dangling'));
    await symlink('dangling', join(folder, 'second'));
    const place = join(await realpath(folder), 'none', 'new', 'file');
    expect(await realPlace(join(folder, 'second', 'new', 'file'))).toBe(place);
    await symlink('loop', join(folder, 'loop'));
    expect(await realPlace(join(folder, 'loop'))).toBe(join(folder, 'loop'));
  });
});
