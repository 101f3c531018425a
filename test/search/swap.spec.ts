import { copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { inject } from 'vitest';
import { SnapshotWatcher } from '../../src/snapshot/snapshot-watcher.js';
import { Snapshots, SnapshotOffError } from '../../src/snapshot/snapshots.js';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { createDocumentation, type Documentation } from '../support/documentation.js';

/** Resolves after the next swap. */
const nextSwap = (snapshots: Snapshots) =>
  new Promise<void>((resolve) => {
    const end = snapshots.onSwap(() => {
      end();
      resolve();
    });
  });

const setSummary = (file: string, text: string) => {
  const database = new Database(file);
  database.prepare("UPDATE entries SET summary = ? WHERE name = 'len'").run(text);
  database.close();
};

/** What it tells from now on. */
const linesOf = (teller: object) => {
  const lines: string[] = [];
  Object.assign(teller, { logger: { warn: (line: string) => lines.push(line), log: () => undefined } });
  return lines;
};

describe('the snapshot', () => {
  let documentation: Documentation;
  let test: TestApp;
  let snapshots: Snapshots;
  beforeEach(async () => {
    documentation = await createDocumentation();
    test = await startApp('sqlite', { settings: { SEARCH_FILE: documentation.snapshot } });
    snapshots = test.app.get(Snapshots);
  });
  afterEach(async () => {
    await test.close();
    await documentation.drop();
  });

  const summary = async () => (await test.app.inject('/search/len')).json<{ summary: string }>().summary;

  /** Writes a snapshot in which `len` has this summary, and puts it in the place of the one that is served. */
  const replace = async (text: string) => {
    const next = join(documentation.folder, 'next.sqlite');
    await copyFile(documentation.snapshot, next);
    setSummary(next, text);
    await rename(next, documentation.snapshot);
  };

  it('is the new one after the file was replaced', async () => {
    // The answer is kept by now.
    expect(await summary()).not.toBe('New.');
    const swapped = nextSwap(snapshots);
    await replace('New.');
    await swapped;
    expect(await summary()).toBe('New.');
  });

  it('is the new one after SIGHUP', async () => {
    const swapped = nextSwap(snapshots);
    // The file is the same: nothing but the signal tells.
    process.emit('SIGHUP');
    await swapped;
    expect(snapshots.isOn).toBe(true);
  });

  it.each([
    ['empty', () => Buffer.alloc(0)],
    ['no database', () => Buffer.from('Dear diary. '.repeat(500))],
    ['half', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ])('stays the old one when the new file is %s, and is mended by a good one', async (_what, spoil) => {
    const lines = linesOf(snapshots);
    const good = await readFile(documentation.snapshot);
    const next = join(documentation.folder, 'next.sqlite');
    await writeFile(next, spoil(good));
    await rename(next, documentation.snapshot);
    while (lines.length === 0) await delay(10);
    expect(lines[0]).toMatch(/^Search goes on with the old snapshot\. .*docs\.sqlite/);
    expect(await summary()).toBe('How many things there are.');

    const swapped = nextSwap(snapshots);
    await writeFile(documentation.snapshot, good);
    await replace('Mended.');
    await swapped;
    expect(await summary()).toBe('Mended.');
  });

  it('stays what it is when the file goes away, which is told once, and is the new one when there is one', async () => {
    const lines = linesOf(test.app.get(SnapshotWatcher));
    await rm(documentation.snapshot);
    while (lines.length === 0) await delay(10);
    expect(await summary()).toBe('How many things there are.');
    // Other changes in the folder are looked at as well, and nothing is told of them.
    await writeFile(join(documentation.folder, 'other'), 'x');
    const swapped = nextSwap(snapshots);
    await copyFile(inject('searchFile'), documentation.snapshot);
    await swapped;
    expect(lines).toEqual([
      `Search goes on with the old snapshot. There is no file ${documentation.snapshot} any more.`,
    ]);
  });

  it('is the new one when the folder was replaced', async () => {
    const { folder, snapshot } = documentation;
    await cp(folder, `${folder}-next`, { recursive: true });
    setSummary(join(`${folder}-next`, 'docs.sqlite'), 'In another folder.');
    const swapped = nextSwap(snapshots);
    await rename(folder, `${folder}-old`);
    await rename(`${folder}-next`, folder);
    await swapped;
    expect(await summary()).toBe('In another folder.');
    const again = nextSwap(snapshots);
    setSummary(snapshot, 'In it.');
    await again;
    expect(await summary()).toBe('In it.');
    await rm(`${folder}-old`, { recursive: true });
  });

  it('is there when its folder comes after the start', async () => {
    const file = join(documentation.folder, 'later', 'docs.sqlite');
    const late = await startApp('sqlite', { settings: { SEARCH_FILE: file } });
    expect((await late.app.inject('/search/len')).statusCode).toBe(503);
    const swapped = nextSwap(late.app.get(Snapshots));
    await mkdir(join(documentation.folder, 'later'));
    await copyFile(documentation.snapshot, file);
    await swapped;
    expect((await late.app.inject('/search/len')).statusCode).toBe(200);
    await late.close();
  });

  it('is the new one though other files in its folder are written all the time', async () => {
    let writes = 0;
    const replaced = new AbortController();
    const writing = (async () => {
      for (; !replaced.signal.aborted; writes += 1)
        await writeFile(join(documentation.folder, 'daybook.sqlite-wal'), `${writes}`);
    })();
    const swapped = nextSwap(snapshots);
    await replace('New.');
    await swapped;
    replaced.abort();
    await writing;
    expect(writes).toBeGreaterThan(10);
    expect(await summary()).toBe('New.');
  });

  it('is one from the beginning of a read to its end, and is closed after that', async () => {
    const query = () =>
      snapshots.manager.query<{ summary: string }[]>("SELECT summary FROM entries WHERE name = 'len'");
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const old = snapshots.manager;
    const reading = snapshots.read(async () => {
      const before = await query();
      await ended;
      return [...before, ...(await query())].map((row) => row.summary);
    });
    const swapped = nextSwap(snapshots);
    await replace('New.');
    await swapped;
    expect(await summary()).toBe('New.');
    // Nothing tells that it is not closed: time enough for that.
    await delay(100);
    expect(old.dataSource.isInitialized).toBe(true);
    end();
    expect(await reading).toEqual(['How many things there are.', 'How many things there are.']);
    while (old.dataSource.isInitialized) await delay(5);
    await expect(old.query('SELECT 1')).rejects.toThrow('not open');
  });

  it('fails no request in 100 swaps under load, and lets go of every old one', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const client = new Client(await test.app.getUrl(), 8);
    const opened = new Set<unknown>();
    let swaps = 0;
    const stop = new AbortController();
    snapshots.onSwap(() => {
      swaps += 1;
      opened.add(snapshots.manager);
    });
    const statuses: number[] = [];
    const ask = async (_: unknown, index: number) => {
      const paths = ['/search?q=len', '/search/os.path', '/search?q=sort+list', '/search?q=j'];
      while (!stop.signal.aborted)
        statuses.push((await client.get(paths[(index + statuses.length) % 4]!)).status);
    };
    const swapAll = async () => {
      for (let swap = 0; swap < 100; swap += 1) await snapshots.load();
    };
    // Together: where one of them fails, so does the test, and the others are not left alone.
    await Promise.all([swapAll().finally(() => stop.abort()), ...Array.from({ length: 8 }, ask)]);
    client.close();
    expect(swaps).toBe(100);
    expect(opened.size).toBe(100);
    expect(statuses.length).toBeGreaterThan(100);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const open = [...opened].filter(
      (manager) => (manager as typeof snapshots.manager).dataSource.isInitialized,
    );
    expect(open).toEqual([snapshots.manager]);
  });

  it('is loaded once more, however often that is asked for meanwhile, and not after the end', async () => {
    const prepared = vi.fn<() => Promise<void>>(async () => undefined);
    snapshots.beforeSwap(prepared);
    await Promise.all(Array.from({ length: 50 }, () => snapshots.load()));
    // One that was under way at the first, and one for all others, which may have seen a newer file.
    expect(prepared.mock.calls.length).toBeLessThanOrEqual(2);

    prepared.mockClear();
    const loads = [snapshots.load(), snapshots.load(), snapshots.load()];
    await snapshots.close();
    await Promise.all([...loads, snapshots.load()]);
    expect(prepared.mock.calls.length).toBeLessThanOrEqual(1);
    expect(snapshots.isOn).toBe(false);
  });

  it('is closed with the application', async () => {
    const { dataSource } = snapshots.manager;
    await test.app.close();
    expect(dataSource.isInitialized).toBe(false);
    expect(() => snapshots.manager).toThrow(SnapshotOffError);
  });
});
