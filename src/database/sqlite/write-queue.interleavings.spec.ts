import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { type Disk, WalSync } from './wal-sync.js';
import { type Write, WriteQueue } from './write-queue.js';

/** No limit of time is reached here. */
const LIMITS = { writeWaitMs: 600_000, writeLimitMs: 600_000 };

/** What a write does. Each writes two rows, and others may have their turn before each of them, and at the end. */
const KINDS = [
  'keeps',
  'fails',
  'fails at once',
  // SQLite rolls back all that is open, as for a full disk.
  'loses the transaction',
  'loses it and catches that',
  'keeps alone',
  'fails alone',
] as const;
type Kind = (typeof KINDS)[number];

/** Why it is not kept, as far as that is its own fault. */
const REASONS: Record<Kind, RegExp> = {
  keeps: /^never$/,
  fails: /^it fails$/,
  'fails at once': /^it fails at once$/,
  'loses the transaction': /^UNIQUE constraint failed/,
  'loses it and catches that': /^no such savepoint/,
  'keeps alone': /^never$/,
  'fails alone': /^it fails alone$/,
};

interface Script {
  readonly kind: Kind;
  /** Whether it comes some time after the first ones, which come in one turn. */
  readonly later: boolean;
}

/** What comes of a write by itself. */
const fateOf = ({ kind }: Script): string => (kind.startsWith('keeps') ? 'kept' : 'undone');

const script = fc.record<Script>({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constant<Kind>('keeps') }, fc.constantFrom(...KINDS)),
  later: fc.boolean(),
});

describe('WriteQueue, in whatever order things happen', () => {
  let folder: string;
  let database: Database.Database;
  const file = () => join(folder, 'database.sqlite');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-interleavings-'));
    database = new Database(file(), { timeout: 0 });
    database.pragma('journal_mode = WAL');
    // All that is committed stays in the log, so that a copy of the log is a copy of the disk.
    database.pragma('wal_autocheckpoint = 0');
    database.pragma('synchronous = OFF');
    database.exec('CREATE TABLE part (write INTEGER, part INTEGER, UNIQUE (write, part))');
  });
  afterAll(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    if (database.inTransaction) database.exec('ROLLBACK');
  });

  /** The parts that each write has in a database. */
  const partsIn = (source: Database.Database): Map<number, number> =>
    new Map(
      source
        .prepare<[], { write: number; parts: number }>(
          'SELECT write, count(*) AS parts FROM part GROUP BY write',
        )
        .all()
        .map(({ write, parts }) => [write, parts]),
    );

  /** What is there when the machine starts again, with this much of the log on its disk. */
  const afterCrash = (log: Buffer): Map<number, number> => {
    const copy = join(folder, 'crashed.sqlite');
    writeFileSync(copy, readFileSync(file()));
    writeFileSync(`${copy}-wal`, log);
    const crashed = new Database(copy);
    try {
      return partsIn(crashed);
    } finally {
      crashed.close();
      for (const end of ['', '-wal', '-shm']) rmSync(`${copy}${end}`, { force: true });
    }
  };

  /** The log as it has been handed to the operating system. */
  const logNow = (): Buffer => readFileSync(`${file()}-wal`);

  const expectWhole = (parts: Map<number, number>): void => {
    expect([...parts.values()].filter((count) => count !== 2)).toEqual([]);
  };

  /** Runs the scripts, and looks each time that one is answered. Answers what has become of each. */
  const play = async (
    scheduler: fc.Scheduler,
    scripts: readonly Script[],
    { failingSync, closes, blocked }: { failingSync: number; closes: boolean; blocked: boolean },
  ): Promise<string[]> => {
    database.exec('DELETE FROM part');
    database.pragma('wal_checkpoint(TRUNCATE)');
    const step = (label: string) => scheduler.schedule(Promise.resolve(), label);

    // What is on the disk for sure: all that was in the log when the last good sync began.
    let onDisk: Buffer = Buffer.alloc(0);
    let syncs = 0;
    const disk: Disk = {
      sync: async () => {
        const log = logNow();
        const isFailing = (syncs += 1) === failingSync;
        await step(`sync ${syncs}`);
        if (isFailing) throw new Error('EIO');
        onDisk = log;
      },
    };
    const queue = new WriteQueue(database, new WalSync(`${file()}-wal`, disk), () => undefined, LIMITS);

    let open = 0;
    const put = (write: number, part: number) =>
      database.prepare('INSERT INTO part (write, part) VALUES (?, ?)').run(write, part);
    const loseAll = () =>
      database.exec('INSERT OR ROLLBACK INTO part SELECT * FROM part UNION ALL SELECT * FROM part');
    const attemptOf = (kind: Kind, n: number) => async () => {
      // Never two at once, though each waits in between.
      expect((open += 1)).toBe(1);
      try {
        const isAlone = kind.endsWith('alone');
        expect(database.inTransaction).toBe(!isAlone);
        if (isAlone) database.exec('BEGIN IMMEDIATE');
        put(n, 1);
        await step(`${n} in the middle`);
        if (kind.startsWith('fails')) throw new Error(`it ${kind}`);
        if (kind === 'loses the transaction') loseAll();
        if (kind === 'loses it and catches that') expect(loseAll).toThrow('UNIQUE constraint failed');
        else put(n, 2);
        await step(`${n} at the end`);
        if (isAlone) database.exec('COMMIT');
        return n;
      } finally {
        open -= 1;
      }
    };
    const writeOf = (kind: Kind, n: number): Write<number> => ({
      name: `${n}`,
      written: [],
      attempt:
        kind === 'fails at once'
          ? () => {
              throw new Error(`it ${kind}`);
            }
          : attemptOf(kind, n),
      abandon: () => step(`${n} is abandoned`),
    });

    const resolved = new Set<number>();
    const outcomes = Promise.allSettled(
      scripts.map(async ({ kind, later }, n) => {
        if (later) await step(`${n} comes`);
        expect(await queue.run(writeOf(kind, n), { alone: kind.endsWith('alone') })).toBe(n);
        resolved.add(n);
        // Whatever happens now: what was answered is kept, and all of it.
        const parts = afterCrash(onDisk);
        expectWhole(parts);
        expect([...resolved].filter((write) => !parts.has(write))).toEqual([]);
      }),
    );
    const others: Promise<unknown>[] = [];
    if (closes) others.push(step('close').then(() => queue.close()));
    if (blocked) {
      const other = new Database(file());
      other.exec('BEGIN IMMEDIATE');
      const letGo = async () => {
        // The queue has met the lock by then.
        for (let n = 0; n < 3; n += 1) await step('another process has the lock').then(() => nextTurn());
        other.exec('COMMIT');
        other.close();
      };
      others.push(letGo());
    }
    const settled = await scheduler.waitFor(outcomes);
    await scheduler.waitFor(Promise.all(others));
    await scheduler.waitFor(queue.close());

    expect(open).toBe(0);
    expect(database.inTransaction).toBe(false);
    const parts = partsIn(database);
    expectWhole(parts);
    // All of the log may have come to the disk, whoever asked for it.
    expect(afterCrash(logNow())).toEqual(parts);
    return settled.map((outcome, n) => {
      const { kind } = scripts[n]!;
      if (outcome.status === 'fulfilled') {
        expect(parts.get(n)).toBe(2);
        return 'kept';
      }
      const { message } = outcome.reason as Error;
      // Whether such a write is there nobody can know.
      if (message.includes('The disk did not confirm')) return 'not confirmed';
      expect(parts.get(n)).toBeUndefined();
      if (message === 'The database is being closed.') return 'refused';
      expect([n, kind, message]).toEqual([n, kind, expect.stringMatching(REASONS[kind])]);
      return 'undone';
    });
  };

  const scripts = fc.array(script, { minLength: 1, maxLength: 7 });
  const NEVER = Number.MAX_SAFE_INTEGER;

  it('keeps each write that it has answered, all of it, and nothing of those that failed', async () => {
    const property = fc.asyncProperty(fc.scheduler(), scripts, async (scheduler, all) => {
      const fates = await play(scheduler, all, { failingSync: NEVER, closes: false, blocked: false });
      expect(fates).toEqual(all.map(fateOf));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('does so when a sync fails: nobody is answered by what the disk has not confirmed', async () => {
    const when = fc.integer({ min: 1, max: 3 });
    const property = fc.asyncProperty(fc.scheduler(), scripts, when, async (scheduler, all, failingSync) => {
      const fates = await play(scheduler, all, { failingSync, closes: false, blocked: false });
      expect(fates).toEqual(
        all.map((each, n) => (fates[n] === 'not confirmed' ? 'not confirmed' : fateOf(each))),
      );
      if (failingSync === 1) expect(fates).not.toContain('kept');
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it('does so when it is closed at any time, and while another process has the lock', async () => {
    const also = fc.record({ closes: fc.boolean(), blocked: fc.boolean() });
    const property = fc.asyncProperty(fc.scheduler(), scripts, also, async (scheduler, all, events) => {
      const fates = await play(scheduler, all, { failingSync: NEVER, ...events });
      expect(fates).toEqual(
        all.map((each, n) => (events.closes && fates[n] === 'refused' ? 'refused' : fateOf(each))),
      );
    });
    await fc.assert(property, { numRuns: 30 });
  });
});
