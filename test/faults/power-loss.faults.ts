import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { Client } from '../support/client.js';
import { faultOption } from '../support/fault-options.js';
import { randomNumbers } from '../support/random-numbers.js';
import { startServer } from '../support/server.js';
import { DiskJournal } from './power-loss/disk-journal.js';

const WRITERS = 8;

// Linux with a C compiler, for a library that is loaded before libc.
describe('the power going, on SQLite', () => {
  let folder: string;
  let library: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-power-'));
    library = join(folder, 'journal.so');
    const source = new URL('power-loss/journal.c', import.meta.url).pathname;
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread']);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Has a service write, kills it, and says what it wrote to the disk. */
  async function record(
    name: string,
    requests: number,
    more: Record<string, string> = {},
  ): Promise<DiskJournal> {
    const data = join(folder, name, 'data');
    await mkdir(data, { recursive: true });
    const journal = join(folder, name, 'journal');
    const server = await startServer({
      DATABASE_URL: `sqlite:${join(data, 'daybook.sqlite')}`,
      LD_PRELOAD: library,
      JOURNAL_FILE: journal,
      JOURNAL_FOLDER: `${data}/`,
      ...more,
    });
    const client = new Client(server.url, WRITERS);
    const numbers = Array.from({ length: requests }, (_, n) => n).values();
    const write = async (): Promise<void> => {
      for (const n of numbers) {
        const text = `entry ${n} ${'x'.repeat(n % 700)}`;
        const { status } = await (n % 5 === 0
          ? client.post('/tasks', { name: text, done: false })
          : client.post('/log', { message: text }));
        expect(status).toBe(200);
        DiskJournal.acknowledge(journal, text);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    await server.end('SIGKILL');
    client.close();
    return new DiskJournal(journal);
  }

  /** What was acknowledged before the power went, and is not there; or that the database is damaged. */
  async function lossesOf(journal: DiskJournal, end: number, random: () => number): Promise<string[]> {
    const disk = await mkdtemp(join(folder, 'disk-'));
    for (const [name, bytes] of journal.filesAfterPowerLoss(end, random)) {
      // SQLite makes the index of the log anew, which it never syncs.
      if (!name.endsWith('-shm')) await writeFile(join(disk, basename(name)), bytes);
    }
    try {
      const told = journal.acknowledged(end);
      return told.size === 0 ? [] : missingIn(join(disk, 'daybook.sqlite'), told);
    } finally {
      await rm(disk, { recursive: true, force: true });
    }
  }

  async function lossesAtMany(
    journal: DiskJournal,
  ): Promise<{ moments: number; lossy: number; first: string[] }> {
    const moments = faultOption('rounds', 300);
    const random = randomNumbers(faultOption('seed', Date.now() % 1_000_000));
    let lossy = 0;
    let first: string[] = [];
    for (let n = 0; n < moments; n += 1) {
      const losses = await lossesOf(journal, Math.ceil(random() * journal.length), random);
      if (losses.length === 0) continue;
      lossy += 1;
      if (first.length === 0) first = losses.slice(0, 5);
    }
    return { moments, lossy, first };
  }

  it('loses nothing that was acknowledged, whenever it goes', async () => {
    const journal = await record('kept', faultOption('requests', 4_000));
    const result = await lossesAtMany(journal);
    process.stdout.write(
      `power loss: ${journal.length} writes and syncs (${journal.syncs}), ${result.lossy} of ${result.moments} moments lose something\n`,
    );
    expect(result).toMatchObject({ lossy: 0, first: [] });
  });

  it('would lose something if the log were not synced, so that the proof can fail', async () => {
    const journal = await record('lost', 1_000, { JOURNAL_FORGETS: '-wal' });
    const result = await lossesAtMany(journal);
    process.stdout.write(
      `power loss without syncs: ${result.lossy} of ${result.moments} moments lose something\n`,
    );
    expect(result.lossy).toBeGreaterThan(0);
  });
});

/** What is not in a database that it should have; or why it cannot be read. */
function missingIn(file: string, texts: Set<string>): string[] {
  const database = new Database(file);
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') return [String(integrity)];
    const rows = database.prepare('SELECT message FROM logs UNION ALL SELECT name FROM tasks').pluck().all();
    return [...texts.difference(new Set(rows as string[]))];
  } catch (error) {
    return [String(error)];
  } finally {
    database.close();
  }
}
