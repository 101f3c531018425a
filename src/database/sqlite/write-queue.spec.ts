import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { QueryFailedError } from 'typeorm';
import { DatabaseUnavailableError, TransactionTimeoutError } from '../errors.js';
import { WalSync } from './wal-sync.js';
import { type Write, WriteQueue } from './write-queue.js';

/** A disk that syncs when the test says so. */
class HeldDisk {
  readonly held: { confirm(): void; fail(): void }[] = [];
  isHolding = false;
  synced = 0;
  private given = 0;

  readonly sync = async (): Promise<void> => {
    if (this.isHolding) {
      await new Promise<void>((resolve, reject) => {
        this.held.push({ confirm: resolve, fail: () => reject(new Error('EIO')) });
      });
    }
    this.synced += 1;
  };

  /** Waits until somebody asks for the sync, and answers how to end it. */
  async asked(): Promise<{ confirm(): void; fail(): void }> {
    await vi.waitUntil(() => this.held.length > this.given, { interval: 1 });
    return this.held[this.given++]!;
  }
}

/** Some turns, in which whoever has something to do does it. */
async function turns(): Promise<void> {
  for (let n = 0; n < 10; n += 1) await nextTurn();
}

describe('WriteQueue', () => {
  let folder: string;
  let database: Database.Database;
  let disk: HeldDisk;
  let queue: WriteQueue;
  let told: string[][];
  let commits: number;
  /** What is held up, and goes on at the end also where a test has failed. */
  let gates: PromiseWithResolvers<void>[];

  const newQueue = (limits: { writeWaitMs?: number; writeLimitMs?: number } = {}) =>
    new WriteQueue(database, new WalSync('/dev/null', disk), (written) => told.push([...written]), {
      writeWaitMs: 60_000,
      writeLimitMs: 60_000,
      ...limits,
    });
  const texts = () => database.prepare('SELECT text FROM note ORDER BY id').pluck().all();
  const add = (text: string) => database.prepare('INSERT INTO note (text) VALUES (?)').run(text);

  const gate = () => {
    const made = Promise.withResolvers<void>();
    gates.push(made);
    return made;
  };

  /** Has another connection take the lock, and write something. Answers how to let go of it. */
  const lock = (sql = '') => {
    const other = new Database(database.name);
    other.exec(`BEGIN IMMEDIATE; ${sql}`);
    const letGo = () => {
      if (other.inTransaction) other.exec('COMMIT');
      other.close();
    };
    gates.push({ ...Promise.withResolvers<void>(), resolve: letGo });
    return letGo;
  };

  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'daybook-write-queue-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    database = new Database(join(folder, 'database.sqlite'), { timeout: 0 });
    database.pragma('journal_mode = WAL');
    database.exec(
      'DROP TABLE IF EXISTS note; CREATE TABLE note (id INTEGER PRIMARY KEY, text UNIQUE NOT NULL)',
    );
    commits = 0;
    const { prepare } = database;
    vi.spyOn(database, 'prepare').mockImplementation((sql: string) => {
      const statement = prepare.call(database, sql);
      if (sql !== 'COMMIT') return statement;
      const run = statement.run.bind(statement) as () => unknown;
      return Object.assign(statement, {
        run: () => {
          const result = run();
          commits += 1;
          return result;
        },
      });
    });
    disk = new HeldDisk();
    told = [];
    gates = [];
    queue = newQueue();
  });
  afterEach(async () => {
    vi.useRealTimers();
    disk.isHolding = false;
    disk.held.forEach(({ confirm }) => confirm());
    gates.forEach(({ resolve }) => resolve());
    await queue.close();
    database.close();
  });

  /** A write that keeps a note, and does something else in between. */
  const writeOf = (
    text: string,
    between: () => unknown = () => undefined,
    written: string[] = [],
  ): Write<string> => ({
    name: text,
    written,
    attempt: async () => {
      add(text);
      await between();
      return text;
    },
    abandon: async () => undefined,
  });
  const put = (text: string, between?: () => unknown) => queue.run(writeOf(text, between));
  const failing = (text: string) =>
    put(text, () => {
      throw new Error(`${text} failed`);
    });

  it('answers what the write answers, and keeps it', async () => {
    expect(await put('one')).toBe('one');
    expect(texts()).toEqual(['one']);
    expect(database.inTransaction).toBe(false);
  });

  it('runs one after another, in the order in which they came', async () => {
    const log: string[] = [];
    const logged = (text: string) =>
      put(text, async () => {
        log.push(`${text} begins`);
        await turns();
        log.push(`${text} ends`);
      });
    await Promise.all(['a', 'b', 'c'].map(logged));
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(texts()).toEqual(['a', 'b', 'c']);
  });

  it('commits and syncs once for those that came in one turn', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => put(text)));
    expect([commits, disk.synced]).toEqual([1, 1]);
    await put('e');
    expect([commits, disk.synced]).toEqual([2, 2]);
  });

  it('takes in the next batch those that come while one runs, and no more than 256 at once', async () => {
    const late: Promise<string>[] = [];
    await put('first', async () => {
      late.push(put('second'), put('third'));
      await turns();
    });
    await Promise.all(late);
    expect(commits).toBe(2);
    await Promise.all(Array.from({ length: 257 }, (_, n) => put(`${n}`)));
    expect(commits).toBe(4);
  });

  it('has each fail for itself, and keeps nothing of those that do', async () => {
    const outcomes = await Promise.allSettled([put('a'), failing('b'), put('c'), put('a'), put('d')]);
    expect(outcomes).toMatchObject([
      { value: 'a' },
      { reason: { message: 'b failed' } },
      { value: 'c' },
      { reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } },
      { value: 'd' },
    ]);
    expect(texts()).toEqual(['a', 'c', 'd']);
    expect(commits).toBe(1);
  });

  it('takes an attempt that throws, without a promise, for one that failed', async () => {
    const attempt = () => {
      add('undone');
      throw new Error('no');
    };
    const thrown = queue.run({ ...writeOf('x'), attempt });
    await Promise.all([expect(thrown).rejects.toThrow('no'), put('kept')]);
    expect(texts()).toEqual(['kept']);
  });

  it('undoes one that fails only when nothing of it is under way', async () => {
    const quiet = gate();
    const abandon = vi.fn<Write<string>['abandon']>(() => quiet.promise);
    const run = queue.run({ ...writeOf('x', () => Promise.reject(new Error('no'))), abandon });
    const settled = run.catch((error: unknown) => error);
    await turns();
    expect(abandon).toHaveBeenCalledOnce();
    add('by what was under way');
    quiet.resolve();
    expect(await settled).toMatchObject({ message: 'no' });
    expect(abandon).toHaveBeenCalledWith(await settled);
    expect(texts()).toEqual([]);
  });

  it('answers nobody before the disk has the commit, neither good nor bad', async () => {
    disk.isHolding = true;
    const answered: string[] = [];
    const runs = [put('kept'), failing('undone')].map((run) =>
      run.then(
        () => answered.push('resolved'),
        () => answered.push('rejected'),
      ),
    );
    const sync = await disk.asked();
    await turns();
    expect(texts()).toEqual(['kept']);
    expect(answered).toEqual([]);
    sync.confirm();
    await Promise.all(runs);
    expect(answered).toEqual(['resolved', 'rejected']);
  });

  it('runs the next batch while the disk is busy with one', async () => {
    disk.isHolding = true;
    const first = put('first');
    const sync = await disk.asked();
    const second = put('second');
    await vi.waitUntil(() => texts().length === 2, { interval: 1 });
    sync.confirm();
    await first;
    (await disk.asked()).confirm();
    await second;
    expect(disk.synced).toBe(2);
  });

  it('fails all of a batch whose sync fails, and takes no more', async () => {
    disk.isHolding = true;
    const runs = Promise.allSettled([put('a'), put('b')]);
    (await disk.asked()).fail();
    for (const outcome of await runs) {
      expect(outcome).toMatchObject({
        reason: {
          name: 'OutcomeUnknownError',
          message: /may have been kept: The disk did not confirm a write/,
        },
      });
    }
    await expect(put('c')).rejects.toThrow(/^The disk did not confirm a write/);
    expect(texts()).not.toContain('c');
  });

  it('needs no disk in memory', async () => {
    const memory = new WriteQueue(database, undefined, () => undefined, {
      writeWaitMs: 1_000,
      writeLimitMs: 1_000,
    });
    await Promise.all([memory.run(writeOf('a')), memory.run(writeOf('b'))]);
    expect([texts(), commits, disk.synced]).toEqual([['a', 'b'], 1, 0]);
    await memory.close();
  });

  it('gives up one that waits too long, which then never runs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queue = newQueue({ writeWaitMs: 1_000 });
    const end = gate();
    const long = put('long', () => end.promise);
    const attempt = vi.fn<() => Promise<string>>();
    await turns();
    const waiting = queue.run({ ...writeOf('x'), attempt }).catch((error: unknown) => error);
    vi.advanceTimersByTime(999);
    const late = put('late');
    vi.advanceTimersByTime(1);
    const error = await waiting;
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(error).toMatchObject({
      message: 'A transaction waited longer than 1000 ms for its turn to write.',
    });
    end.resolve();
    expect(await Promise.all([long, late])).toEqual(['long', 'late']);
    expect(attempt).not.toHaveBeenCalled();
    expect(texts()).toEqual(['long', 'late']);
  });

  it('undoes one that runs too long, and goes on with the others', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queue = newQueue({ writeLimitMs: 1_000 });
    const abandon = vi.fn<Write<string>['abandon']>(async () => undefined);
    const hanging = queue
      .run({ ...writeOf('hanging', () => gate().promise), abandon })
      .catch((error: unknown) => error);
    const others = Promise.all([put('one'), put('two')]);
    await turns();
    vi.advanceTimersByTime(1_000);
    const error = await hanging;
    expect(error).toBeInstanceOf(TransactionTimeoutError);
    expect(error).toMatchObject({
      message: 'The transaction of hanging ran longer than 1000 ms and was rolled back.',
    });
    expect(abandon).toHaveBeenCalledWith(error);
    await others;
    expect(texts()).toEqual(['one', 'two']);
  });

  it('has no limit of waiting for one that runs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queue = newQueue({ writeWaitMs: 1_000 });
    const end = gate();
    const run = put('x', () => end.promise);
    await turns();
    vi.advanceTimersByTime(5_000);
    end.resolve();
    expect(await run).toBe('x');
  });

  it('runs alone what is no transaction, after those before it and before those behind it', async () => {
    const log: unknown[] = [];
    const each = (text: string) => put(text, () => log.push(text));
    const alone = () =>
      queue.run(
        {
          ...writeOf('alone'),
          attempt: async () => {
            log.push(`alone, in a transaction: ${database.inTransaction}, with ${texts().join()}`);
            await turns();
            database.pragma('user_version = 7');
            return 'alone';
          },
        },
        { alone: true },
      );
    await Promise.all([each('a'), each('b'), alone(), alone(), each('c'), each('d')]);
    const line = 'alone, in a transaction: false, with a,b';
    expect(log).toEqual(['a', 'b', line, line, 'c', 'd']);
    expect(database.pragma('user_version', { simple: true })).toBe(7);
    expect(commits).toBe(2);
  });

  it('undoes what one that runs alone has left open when it failed', async () => {
    const attempt = async () => {
      database.exec("BEGIN; INSERT INTO note (text) VALUES ('undone')");
      throw new Error('no');
    };
    const run = queue.run({ ...writeOf('x'), attempt }, { alone: true });
    await Promise.all([expect(run).rejects.toThrow('no'), put('kept')]);
    expect(texts()).toEqual(['kept']);
  });

  it('answers one that runs alone once it is durable', async () => {
    disk.isHolding = true;
    let isAnswered = false;
    const run = queue.run(writeOf('x'), { alone: true }).finally(() => (isAnswered = true));
    const sync = await disk.asked();
    await turns();
    expect([isAnswered, texts()]).toEqual([false, ['x']]);
    sync.confirm();
    await run;
  });

  it('limits one that runs alone, but where no limit holds for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queue = newQueue({ writeLimitMs: 1_000 });
    const end = gate();
    const run = async (unlimited: boolean) => {
      const settled = queue
        .run(
          writeOf(`${unlimited}`, () => end.promise),
          { alone: true, unlimited },
        )
        .catch((error: unknown) => error);
      await turns();
      vi.advanceTimersByTime(1_000);
      await turns();
      if (unlimited) end.resolve();
      return settled;
    };
    expect(await run(false)).toBeInstanceOf(TransactionTimeoutError);
    expect(await run(true)).toBe('true');
  });

  it('does not give up one that runs alone for what it takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queue = newQueue({ writeWaitMs: 1_000 });
    const end = gate();
    const run = queue.run(
      writeOf('long', () => end.promise),
      { alone: true, unlimited: true },
    );
    await turns();
    vi.advanceTimersByTime(60_000);
    end.resolve();
    expect(await run).toBe('long');
  });

  it.each([{ alone: false }, { alone: true }])(
    'waits for the lock of another connection, and lets others have their turns meanwhile: %o',
    async (how) => {
      const letGo = lock("INSERT INTO note (text) VALUES ('other')");
      const run = queue.run(writeOf('mine'), how);
      await turns();
      letGo();
      expect(await run).toBe('mine');
      expect(texts()).toEqual(['other', 'mine']);
    },
  );

  it('gives up those that wait too long for the lock', async () => {
    queue = newQueue({ writeWaitMs: 30 });
    const letGo = lock();
    const message = 'A transaction waited longer than 30 ms for its turn to write.';
    await Promise.all([expect(put('a')).rejects.toThrow(message), expect(put('b')).rejects.toThrow(message)]);
    letGo();
    await put('c');
    expect(texts()).toEqual(['c']);
  });

  it('gives up one that runs alone and waits too long for the lock', async () => {
    queue = newQueue({ writeWaitMs: 30 });
    const letGo = lock();
    const message = 'A transaction waited longer than 30 ms for its turn to write.';
    await expect(queue.run(writeOf('a'), { alone: true })).rejects.toThrow(message);
    letGo();
    await put('c');
    expect(texts()).toEqual(['c']);
  });

  it('gives up nothing where the clock jumps', async () => {
    const letGo = lock();
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const write = writeOf('a');
      const attempt = vi.fn<() => Promise<string>>(() => write.attempt());
      const done = queue.run({ ...write, attempt }, { alone: true });
      const tried = (times: number) =>
        Promise.race([done, vi.waitUntil(() => attempt.mock.calls.length >= times, { interval: 1 })]);
      await tried(1);
      vi.setSystemTime(Date.now() + 3_600_000);
      await tried(3);
      letGo();
      await done;
    } finally {
      vi.useRealTimers();
    }
    expect(texts()).toEqual(['a']);
  });

  describe('when SQLite has rolled back the whole transaction', () => {
    /** Keeps the file from growing by much. */
    const limitSize = () => {
      const pages = database.pragma('page_count', { simple: true }) as number;
      database.pragma(`max_page_count = ${pages + 5}`);
    };

    it('fails the one that met a full disk, and runs the others again', async () => {
      limitSize();
      const attempts: string[] = [];
      const each = (text: string) => put(text, () => attempts.push(text));
      const meetIt = () => {
        attempts.push('large');
        add('x'.repeat(100_000));
      };
      const runs = [each('a'), each('b'), put('large', meetIt), each('c')];
      expect(await Promise.allSettled(runs)).toMatchObject([
        { value: 'a' },
        { value: 'b' },
        { reason: { code: 'SQLITE_FULL' } },
        { value: 'c' },
      ]);
      expect(attempts).toEqual(['a', 'b', 'large', 'a', 'b', 'c']);
      expect(texts()).toEqual(['a', 'b', 'c']);
    });

    it('fails the one that met it even if it has caught that', async () => {
      limitSize();
      const large = put('large', () => {
        try {
          add('x'.repeat(100_000));
        } catch {
          // Nothing is left to go on from.
        }
      });
      await Promise.all([put('a'), expect(large).rejects.toThrow(Error), put('b')]);
      expect(texts()).toEqual(['a', 'b']);
      expect(database.inTransaction).toBe(false);
    });

    it('settles each of many that meet it', async () => {
      const losing = (text: string) =>
        put(text, () => database.exec('INSERT OR ROLLBACK INTO note (text) VALUES (NULL)'));
      const runs = ['a', 'b', 'c', 'd', 'e', 'f'].map((text, n) => (n % 2 ? losing(text) : put(text)));
      const outcomes = await Promise.allSettled(runs);
      expect(outcomes.map(({ status }) => status[0]).join('')).toBe('frfrfr');
      expect(texts()).toEqual(['a', 'c', 'e']);
    });

    it('has no limit of waiting for one that runs, though it was to run before', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      queue = newQueue({ writeWaitMs: 1_000 });
      const losing = put('losing', () => {
        database.exec('ROLLBACK');
        throw new Error('lost');
      });
      const end = gate();
      const behind = put('behind', () => end.promise);
      await expect(losing).rejects.toThrow('lost');
      await turns();
      vi.advanceTimersByTime(5_000);
      end.resolve();
      expect(await behind).toBe('behind');
      expect(texts()).toEqual(['behind']);
    });
  });

  it('fails the one that SQLite finds at fault at the commit, and keeps the others', async () => {
    database.exec(
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES note DEFERRABLE INITIALLY DEFERRED)',
    );
    try {
      const orphan = put('orphan', () => database.exec('INSERT INTO child (parent) VALUES (99)'));
      const outcomes = await Promise.allSettled([put('a'), orphan, put('b')]);
      expect(outcomes).toMatchObject([
        { value: 'a' },
        { reason: { message: 'FOREIGN KEY constraint failed' } },
        { value: 'b' },
      ]);
      expect(texts()).toEqual(['a', 'b']);
    } finally {
      database.exec('DROP TABLE child');
    }
  });

  it('fails all when a transaction cannot be begun or committed, and goes on with the next', async () => {
    database.exec(
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES note DEFERRABLE INITIALLY DEFERRED)',
    );
    try {
      const orphan = put('orphan', () => database.exec('INSERT INTO child (parent) VALUES (99)'));
      await expect(orphan).rejects.toThrow('FOREIGN KEY constraint failed');
      expect(database.inTransaction).toBe(false);
      await put('next');
      expect(texts()).toEqual(['next']);
    } finally {
      database.exec('DROP TABLE child');
    }
  });

  it('tells which tables a commit has written, of all its writes that were kept', async () => {
    const run = (text: string, written: string[], between?: () => unknown) =>
      queue.run(writeOf(text, between, written));
    await Promise.allSettled([
      run('a', ['note']),
      run('b', []),
      run('c', ['never'], () => Promise.reject(new Error('no'))),
      run('d', ['other', 'note']),
    ]);
    expect(told).toEqual([['note', 'other']]);
    await queue.run(writeOf('e', undefined, ['all']), { alone: true });
    expect(told).toEqual([['note', 'other'], ['all']]);
  });

  it('tells before it commits, so that nobody meets what is new with an old answer', async () => {
    const other = new Database(database.name, { readonly: true });
    const seen: unknown[] = [];
    const telling = new WriteQueue(
      database,
      undefined,
      () => seen.push(other.prepare('SELECT count(*) FROM note').pluck().get()),
      { writeWaitMs: 1_000, writeLimitMs: 1_000 },
    );
    await telling.run(writeOf('a'));
    expect(seen).toEqual([0]);
    other.close();
  });

  it("runs each write in its caller's context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const look = (text: string) =>
      put(text, async () => {
        seen.push(storage.getStore());
        await nextTurn();
        seen.push(storage.getStore());
      });
    await Promise.all(['a', 'b'].map((text) => storage.run(text, () => look(text))));
    await look('c');
    expect(seen).toEqual(['a', 'a', 'b', 'b', undefined, undefined]);
  });

  it('puts the caller into the stack of a statement that failed', async () => {
    async function theCaller() {
      await put('x', () => Promise.reject(new QueryFailedError('SELECT', [], new Error('no'))));
    }
    const error = await theCaller().catch((failure: Error) => failure);
    expect(error).toHaveProperty('stack', expect.stringContaining('theCaller'));
  });

  it('finishes what has begun when it is closed, and takes nothing more', async () => {
    const end = gate();
    const runs = Promise.all([put('a', () => end.promise), put('b')]);
    const closed = queue.close();
    await expect(put('late')).rejects.toThrow('The database is being closed.');
    await expect(put('late')).rejects.toBeInstanceOf(DatabaseUnavailableError);
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    await turns();
    expect(isClosed).toBe(false);
    end.resolve();
    expect(await runs).toEqual(['a', 'b']);
    await closed;
    expect(texts()).toEqual(['a', 'b']);
  });

  it('is closed only when the disk has all', async () => {
    disk.isHolding = true;
    const run = put('a');
    const sync = await disk.asked();
    let isClosed = false;
    const closed = queue.close().then(() => (isClosed = true));
    await turns();
    expect(isClosed).toBe(false);
    disk.isHolding = false;
    sync.confirm();
    await Promise.all([run, closed]);
  });
});
