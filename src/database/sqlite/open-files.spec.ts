import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { OpenFiles } from './open-files.js';

describe('OpenFiles', () => {
  let folder: string;
  let file: string;
  let database: Database.Database;
  let files: OpenFiles;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-files-'));
    file = join(folder, 'data', 'd.sqlite');
    await mkdir(join(folder, 'data'));
    database = new Database(file);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (x)');
    files = new OpenFiles(database);
    files.addLog();
  });
  afterEach(async () => {
    database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds nothing wrong while only other names in the folder change', async () => {
    files.check();
    await writeFile(join(folder, 'data', 'other'), '');
    database.exec('INSERT INTO t VALUES (1)');
    files.check();
    expect(files.isLost).toBe(false);
  });

  it.each(['d.sqlite', 'd.sqlite-wal', 'd.sqlite-shm'])(
    'finds that %s is gone right after it was there',
    async (name) => {
      // The time of a folder may be the same after two changes that follow each other at once.
      for (let n = 0; n < 20; n += 1) files.check();
      await rm(join(folder, 'data', name));
      expect(() => files.check()).toThrow(`${name} was removed, moved or replaced`);
      expect(() => files.check()).toThrow('removed, moved or replaced');
    },
  );

  it('finds that a folder above has another name', async () => {
    files.check();
    await rename(join(folder, 'data'), join(folder, 'moved'));
    expect(files.isLost).toBe(true);
  });

  it('finds what happens to a folder whose last change is long ago', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    try {
      for (let n = 0; n < 3; n += 1) files.check();
      await rename(file, `${file}.old`);
      await writeFile(file, '');
      expect(() => files.check()).toThrow('removed, moved or replaced');
    } finally {
      vi.useRealTimers();
    }
  });
});
