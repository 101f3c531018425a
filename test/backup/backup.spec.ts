import {
  copyFile,
  link,
  lstat,
  open,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { backUp } from '../../src/backup/back-up.js';
import { restore } from '../../src/backup/restore.js';
import { verifyDatabase } from '../../src/checks/verify-database.js';
import { openWriter } from '../../src/storage/open-for-command.js';
import { Client } from '../support/client.js';
import { databaseConfig } from '../support/databases.js';
import { exportedLines } from '../support/exports.js';
import { fillDatabase } from '../support/full-database.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

vi.mock(import('node:fs/promises'), async (original) => {
  const actual = await original();
  return { ...actual, rename: vi.fn<typeof actual.rename>(actual.rename) };
});

const ROUNDS = 50;

const folder = temporaryFolder();
const configOf = (name: string) => databaseConfig(`sqlite:${join(folder(), name)}`);
const lines = (name: string) => exportedLines(configOf(name).url);

/** Changes a database past Daybook. */
const change = (name: string, work: (database: Database.Database) => void): void => {
  const database = new Database(configOf(name).file);
  work(database);
  database.close();
};

/** The last ids of each table. */
const sequencesOf = (name: string): [string, number][] => {
  const database = new Database(configOf(name).file, { readonly: true });
  const rows = database.prepare<[], [string, number]>('SELECT name, seq FROM sqlite_sequence').raw().all();
  database.close();
  return rows;
};

describe('a backup under load', () => {
  it(`is whole and has all that was acknowledged before it, restored ${ROUNDS} times`, async () => {
    const config = configOf('loaded.sqlite');
    const server = await startServer({ DATABASE_URL: config.url });
    const client = new Client(server.url, 8);
    const acknowledged: number[] = [];
    const refused: number[] = [];
    let next = 0;
    const over = new AbortController();
    const load = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const n = (next += 1);
        const { status } = await client.post('/log', { message: String(n) });
        (status === 200 ? acknowledged : refused).push(n);
      }
    };
    const loads = Array.from({ length: 8 }, load);
    const backup = join(folder(), 'loaded.backup');
    const target = configOf('loaded-and-restored.sqlite');
    let last = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Each round begins with something new.
      while (acknowledged.length < last + 20 && refused.length === 0) await client.get('/info');
      const before = acknowledged.slice();
      last = before.length;
      await backUp(config, backup, { force: true });
      await restore(target, backup, { force: true });
      const database = new Database(target.file, { readonly: true });
      const kept = new Set(database.prepare<[], string>('SELECT message FROM logs').pluck().all());
      database.close();
      expect(before.filter((n) => !kept.has(String(n)))).toEqual([]);
    }
    over.abort();
    await Promise.all(loads);
    client.close();
    await server.end('SIGTERM');
    expect(refused).toEqual([]);
    expect(last).toBeGreaterThan(ROUNDS * 19);
    expect((await readdir(folder())).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a backup', () => {
  beforeAll(() => fillDatabase(configOf('source.sqlite').url));

  it('is one file for its owner alone, and replaces no other unless it is told to', async () => {
    const file = join(folder(), 'one.backup');
    const bytes = await backUp(configOf('source.sqlite'), file);
    const found = await stat(file);
    expect([found.size, found.mode & 0o777]).toEqual([bytes, 0o600]);
    expect((await verifyDatabase(configOf('one.backup'))).filter(({ status }) => status !== 'ok')).toEqual(
      [],
    );
    expect((await readdir(folder())).filter((name) => name.includes('one.backup'))).toEqual(['one.backup']);
    await expect(backUp(configOf('source.sqlite'), file)).rejects.toThrow(
      'is there already: name another file',
    );
    await backUp(configOf('source.sqlite'), file, { force: true });
    expect(await lines('one.backup')).toEqual(await lines('source.sqlite'));
  });

  it('is refused where there is no database, no folder, or something that is no file', async () => {
    const source = configOf('source.sqlite');
    await expect(backUp(configOf('none.sqlite'), join(folder(), 'x'))).rejects.toThrow(
      /There is no file .*none\.sqlite/,
    );
    await expect(backUp(source, join(folder(), 'none', 'x'))).rejects.toThrow('There is no folder');
    await expect(backUp(source, folder(), { force: true })).rejects.toThrow('is there, and is not a file');
    expect(await readdir(folder())).not.toContain('x');
  });

  it('does not go over the database, by whatever name, or over a file beside it', async () => {
    const source = configOf('source.sqlite');
    const before = await lines('source.sqlite');
    const [symbolic, hard] = [join(folder(), 'symbolic'), join(folder(), 'hard')];
    await symlink(source.file, symbolic);
    await link(source.file, hard);
    await symlink(folder(), join(folder(), 'here'));
    const ends = ['', '-wal', '-shm', '-journal', '-housekeeping'];
    const targets = [...ends.map((end) => source.file + end), symbolic, hard];
    targets.push(join(folder(), 'here', 'source.sqlite-wal'));
    for (const target of targets) {
      await expect(backUp(source, target, { force: true })).rejects.toThrow(
        `${target} is the database itself or belongs to it: name another file.`,
      );
    }
    expect(await lines('source.sqlite')).toEqual(before);
    await Promise.all([symbolic, hard, join(folder(), 'here')].map((name) => rm(name)));
  });

  it('says of PostgreSQL how to do it', async () => {
    const config = databaseConfig('postgres://me:secret@127.0.0.1/daybook');
    await expect(backUp(config, join(folder(), 'x'))).rejects.toThrow(/pg_dump --format=custom/);
    await expect(restore(config, join(folder(), 'x'))).rejects.toThrow(/pg_restore --clean/);
  });

  it('is ended in its middle without a trace', async () => {
    change('source.sqlite', (database) =>
      database.exec('CREATE TABLE big AS SELECT zeroblob(20000000) AS bytes'),
    );
    const abort = new AbortController();
    const options = { onProgress: () => abort.abort(), signal: abort.signal };
    await expect(backUp(configOf('source.sqlite'), join(folder(), 'ended'), options)).rejects.toThrow(
      /abort/,
    );
    change('source.sqlite', (database) => database.exec('DROP TABLE big'));
    expect((await readdir(folder())).filter((name) => name.includes('ended'))).toEqual([]);
  });
});

describe('restoring', () => {
  const backup = () => join(folder(), 'kept.backup');
  const target = () => configOf('target.sqlite');
  let before: string[];

  beforeAll(async () => {
    await fillDatabase(configOf('kept.sqlite').url);
    await backUp(configOf('kept.sqlite'), backup());
  });
  beforeEach(async () => {
    // Another database, whose newest row is in its log.
    await (await openWriter(target())).destroy();
    change('target.sqlite', (database) => {
      database.exec(`DELETE FROM notes; INSERT INTO notes (text, completed) VALUES ('old', 1)`);
    });
    before = await lines('target.sqlite');
  });

  it('takes the place of the old database, which is kept', async () => {
    const { mode } = await stat(target().file);
    const { old } = await restore(target(), backup(), { force: true });
    expect(old).toMatch(/target\.sqlite\.before-restore-\d{8}T\d{6}\.\d{3}Z$/);
    expect(await lines('target.sqlite')).toEqual(await lines('kept.sqlite'));
    expect(await lines(basename(old ?? ''))).toEqual(before);
    expect((await stat(target().file)).mode).toBe(mode);
  });

  it('keeps each old database under a name of its own, where no later one changes it', async () => {
    const { old: first = '' } = await restore(target(), backup(), { force: true });
    // What is done to the copy stays in a log beside it as long as somebody has it open.
    const reader = new Database(first);
    reader.pragma('journal_mode = WAL');
    reader.exec(`UPDATE notes SET text = 'altered'`);
    change('target.sqlite', (database) => database.exec(`UPDATE notes SET text = 'newest'`));
    const newest = await lines('target.sqlite');
    const { old: second = '' } = await restore(target(), backup(), { force: true });
    expect(await lines(basename(second))).toEqual(newest);
    expect(reader.prepare('SELECT DISTINCT text FROM notes').pluck().all()).toEqual(['altered']);
    reader.close();
  });

  it('leaves no second name of the database where it fails', async () => {
    const names = async () => (await readdir(folder())).filter((name) => name.includes('before-restore'));
    const named = await names();
    vi.mocked(rename).mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }));
    await expect(restore(target(), backup(), { force: true })).rejects.toThrow('EIO');
    expect(await names()).toEqual(named);
  });

  it('makes the database and its folder where there are none', async () => {
    const fresh = databaseConfig(`sqlite:${join(folder(), 'new', 'folder', 'fresh.sqlite')}`);
    expect(await restore(fresh, backup())).toEqual({ idsMayRepeat: false });
    expect(await exportedLines(fresh.url)).toEqual(await lines('kept.sqlite'));
  });

  it('takes no log that lies beside the file for its own', async () => {
    // What is left of another database when only its main file is removed.
    await openWriter(configOf('lost.sqlite')).then((writer) => writer.destroy());
    const lost = new Database(configOf('lost.sqlite').file);
    lost.pragma('journal_mode = WAL');
    lost.exec(`INSERT INTO notes (text, completed) VALUES ('from the log', 1)`);
    const alone = configOf('alone.sqlite');
    await copyFile(`${configOf('lost.sqlite').file}-wal`, `${alone.file}-wal`);
    lost.close();
    await rm(configOf('lost.sqlite').file);
    await restore(alone, backup());
    expect(await lines('alone.sqlite')).toEqual(await lines('kept.sqlite'));
  });

  it('is refused while somebody has the database open, even if idle', async () => {
    const service = await openWriter(target());
    await expect(restore(target(), backup(), { force: true })).rejects.toThrow(
      /target\.sqlite is in use: stop Daybook/,
    );
    expect(await service.query('SELECT text FROM notes')).toEqual([{ text: 'old' }]);
    await service.destroy();
    expect(await lines('target.sqlite')).toEqual(before);
  });

  it('is refused without --force where there is a database', async () => {
    await expect(restore(target(), backup())).rejects.toThrow(/There is a database already, .*--force/);
    expect(await lines('target.sqlite')).toEqual(before);
  });

  it.each([{ force: false }, { force: true }])(
    'leaves a database that a service made meanwhile: %o',
    async (options) => {
      const late = configOf(`late-${options.force}.sqlite`);
      let service: Database.Database | undefined;
      const onProgress = (): void => {
        service ??= new Database(late.file);
        service.pragma('journal_mode = WAL');
        service.exec('CREATE TABLE IF NOT EXISTS made (meanwhile)');
      };
      await expect(restore(late, backup(), { ...options, onProgress })).rejects.toThrow(
        'late-' + options.force + '.sqlite was made meanwhile by something else',
      );
      service?.exec('INSERT INTO made VALUES (1)');
      const other = new Database(late.file);
      expect(other.prepare('SELECT * FROM made').all()).toEqual([{ meanwhile: 1 }]);
      other.close();
      service?.close();
    },
  );

  it('looks for open connections again when the copy is there', async () => {
    let service: Database.Database | undefined;
    const onProgress = (): void => {
      service ??= new Database(target().file);
      service.pragma('journal_mode = WAL');
      service.prepare('SELECT 1 FROM notes').get();
    };
    await expect(restore(target(), backup(), { force: true, onProgress })).rejects.toThrow('is in use');
    service?.close();
    expect(await lines('target.sqlite')).toEqual(before);
  });

  it.each<[string, (file: string) => Promise<void> | void, RegExp]>([
    ['no database', (file) => writeFile(file, 'Dear diary. '.repeat(1_000)), /it is not an SQLite database/],
    ['empty', (file) => writeFile(file, ''), /migrations: none: this is not a database of Daybook/],
    [
      'cut off',
      async (file) => {
        await backUp(configOf('kept.sqlite'), file, { force: true });
        await truncate(file, 20_000);
      },
      /is not in order|damaged/,
    ],
    [
      'damaged inside',
      async (file) => {
        await backUp(configOf('kept.sqlite'), file, { force: true });
        const handle = await open(file, 'r+');
        await handle.write(Buffer.alloc(3_000, 0xff), 0, 3_000, 8_192);
        await handle.close();
      },
      /is not in order|damaged/,
    ],
    [
      'of a newer Daybook',
      async (file) => {
        await backUp(configOf('kept.sqlite'), file, { force: true });
        const database = new Database(file);
        database.exec(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9')`);
        database.close();
      },
      /a newer Daybook has written it, with FromTheFuture9: use that version/,
    ],
    [
      'with a row that refers to nothing',
      async (file) => {
        await backUp(configOf('kept.sqlite'), file, { force: true });
        const database = new Database(file);
        database.pragma('foreign_keys = OFF');
        database.exec(`INSERT INTO items (title, owner_id) VALUES ('x', 99)`);
        database.close();
      },
      /1 rows refer to one that is not there: items 8/,
    ],
  ])('refuses a backup that is %s, and leaves the database as it was', async (name, make, sentence) => {
    const file = join(folder(), `${name}.backup`);
    await make(file);
    await expect(restore(target(), file, { force: true })).rejects.toThrow(sentence);
    expect(await lines('target.sqlite')).toEqual(before);
    expect((await readdir(folder())).filter((one) => one.endsWith('.tmp'))).toEqual([]);
  });

  it('replaces a database that is none any more, and says that ids may be given again', async () => {
    await writeFile(configOf('spoiled.sqlite').file, 'Dear diary. '.repeat(1_000));
    const { idsMayRepeat } = await restore(configOf('spoiled.sqlite'), backup(), { force: true });
    expect(idsMayRepeat).toBe(true);
    expect(await lines('spoiled.sqlite')).toEqual(await lines('kept.sqlite'));
  });

  it('gives no id again that the old database has given, also of tables that the backup has not yet', async () => {
    change('target.sqlite', (database) => {
      // More than the backup has, and fewer; in rows that are gone, and in the log of a service that was killed.
      database.exec(`UPDATE sqlite_sequence SET seq = 4711 WHERE name = 'notes'`);
      database.exec(`UPDATE sqlite_sequence SET seq = 1 WHERE name = 'tasks'`);
      database.exec('CREATE TABLE later (id INTEGER PRIMARY KEY AUTOINCREMENT)');
      database.exec('INSERT INTO later VALUES (7)');
    });
    const last = (name: string) => new Map(sequencesOf(name));
    const kept = last('kept.sqlite');
    const { idsMayRepeat } = await restore(target(), backup(), { force: true });
    expect(idsMayRepeat).toBe(false);
    expect(last('target.sqlite')).toEqual(new Map([...kept, ['notes', 4711], ['later', 7]]));
    change('target.sqlite', (database) => {
      const add = database.prepare(`INSERT INTO notes (text, completed) VALUES ('next', 0)`);
      expect(add.run().lastInsertRowid).toBe(4712);
    });
  });

  it('keeps the ids of an old database that is damaged elsewhere', async () => {
    const { file } = configOf('target.sqlite');
    change('target.sqlite', (database) =>
      database.exec(`UPDATE sqlite_sequence SET seq = 99 WHERE name = 'notes'`),
    );
    const database = new Database(file, { readonly: true });
    const page = database
      .prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'users'`)
      .pluck()
      .get()!;
    database.close();
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(4_096, 0xff), 0, 4_096, (page - 1) * 4_096);
    await handle.close();
    const { idsMayRepeat } = await restore(target(), backup(), { force: true });
    expect(idsMayRepeat).toBe(false);
    expect(sequencesOf('target.sqlite')).toContainEqual(['notes', 99]);
  });

  it('takes the place of a database that a link leads to', async () => {
    const linked = databaseConfig(`sqlite:${join(folder(), 'link.sqlite')}`);
    await symlink('real.sqlite', linked.file);
    await restore(linked, backup());
    const { old } = await restore(linked, backup(), { force: true });
    expect(old).toMatch(/real\.sqlite\.before-restore-/);
    expect((await lstat(linked.file)).isSymbolicLink()).toBe(true);
    expect(await lines('real.sqlite')).toEqual(await lines('kept.sqlite'));
  });
});
