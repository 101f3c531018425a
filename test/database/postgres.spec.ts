import pg from 'pg';
import type { EntityManager, Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { Counter, failureOf, gate, Note, type Opened, openDataSource, textsIn } from './support.js';

const limit = { timeout: 60_000 };

/** Resolves once so many have called it. */
function meeting(count: number): () => Promise<void> {
  const { passed, open } = gate();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return passed;
  };
}

const levelOf = async (manager: EntityManager) =>
  (await manager.query<{ transaction_isolation: string }[]>('SHOW transaction_isolation'))[0]
    ?.transaction_isolation;

describe('transactions that meet on PostgreSQL', () => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let counters: Repository<Counter>;
  let notes: Repository<Note>;

  beforeAll(async () => {
    opened = await openDataSource('postgres', { poolSize: 5 });
    dataSource = opened.dataSource;
    counters = dataSource.getRepository(Counter);
    notes = dataSource.getRepository(Note);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await counters.deleteAll();
    await notes.deleteAll();
  });

  /** The ways in which the second of two transactions finds that it has lost. */
  const LOSSES: Readonly<Record<string, (id: number, value: number) => Promise<unknown>>> = {
    'by an update': (id, value) => counters.update({ id }, { value }),
    'by a save': (id, value) => counters.save({ id, value }),
    'by SQL': (id, value) => dataSource.query(`UPDATE counter SET value = ${value} WHERE id = ${id}`),
    'by an update, and have caught it': (id, value) => failureOf(counters.update({ id }, { value })),
    'in a nested transaction': (id, value) =>
      dataSource.transaction(() => counters.update({ id }, { value })),
    'in a nested transaction, and have caught it': (id, value) =>
      failureOf(dataSource.transaction((manager) => manager.update(Counter, { id }, { value }))),
    'by an update, and throw something else': async (id, value) => {
      if (await failureOf(counters.update({ id }, { value }))) throw new Error('not the conflict');
    },
  };

  it.each(Object.entries(LOSSES))('run again when they have lost %s', limit, async (_, write) => {
    const { id } = await counters.save({ value: 0 });
    const bothHaveRead = meeting(2);
    const increment = async () => {
      let runs = 0;
      await dataSource.transaction(async () => {
        runs += 1;
        const { value } = await counters.findOneByOrFail({ id });
        await bothHaveRead();
        await write(id, value + 1);
      });
      return runs;
    };
    const runs = await Promise.all([increment(), increment()]);
    expect((await counters.findOneByOrFail({ id })).value).toBe(2);
    expect(Math.min(...runs)).toBe(1);
    expect(Math.max(...runs)).toBeGreaterThan(1);
  });

  it('run again when the commit finds that they have lost', limit, async () => {
    const bothHaveRead = meeting(2);
    const bothHaveWritten = meeting(2);
    const runs = [0, 0];
    // Each adds a note unless there is one: one after the other, only one would.
    await Promise.all(
      [0, 1].map((n) =>
        dataSource.transaction(async () => {
          runs[n]! += 1;
          const count = await notes.count();
          await bothHaveRead();
          if (count === 0) await notes.insert({ text: `by ${n}` });
          await bothHaveWritten();
        }),
      ),
    );
    expect(await notes.count()).toBe(1);
    // The loser may be back before the winner has committed.
    expect(Math.min(...runs)).toBe(1);
    expect(Math.max(...runs)).toBeGreaterThan(1);
  });

  it('run again after a deadlock', limit, async () => {
    const [a, b] = await counters.save([{ value: 0 }, { value: 0 }]);
    const bothHaveOne = meeting(2);
    const add = ([first, second]: (Counter | undefined)[]) =>
      dataSource.transaction('READ COMMITTED', async () => {
        await counters.increment({ id: first!.id }, 'value', 1);
        await bothHaveOne();
        await counters.increment({ id: second!.id }, 'value', 1);
      });
    await Promise.all([add([a, b]), add([b, a])]);
    expect((await counters.find()).map(({ value }) => value)).toEqual([2, 2]);
  });

  it('run again where the clock jumps', limit, async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const work = vi.fn<() => Promise<void>>(async () => {
        await counters.insert({ value: 7 });
        if (work.mock.calls.length > 1) return;
        vi.setSystemTime(Date.now() + 3_600_000);
        await dataSource.query(`DO $$ BEGIN RAISE EXCEPTION 'spoilt' USING ERRCODE = '40001'; END $$`);
      });
      await dataSource.transaction(work);
      expect(work).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
    expect(await counters.countBy({ value: 7 })).toBe(1);
  });

  it('of a query runner do not run again: the commit rejects', limit, async () => {
    const { id } = await counters.save({ value: 0 });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction('SERIALIZABLE');
    await runner.manager.findOneByOrFail(Counter, { id });
    await dataSource.createQueryBuilder().update(Counter).set({ value: 5 }).where({ id }).execute();
    await expect(runner.manager.update(Counter, { id }, { value: 1 })).rejects.toThrow(/serialize/);
    await expect(runner.commitTransaction()).rejects.toThrow(Error);
    await runner.rollbackTransaction();
    await runner.release();
    expect((await counters.findOneByOrFail({ id })).value).toBe(5);
  });

  it('lose no update of 100 that read and write one row at once', limit, async () => {
    const { id } = await counters.save({ value: 0 });
    await Promise.all(
      Array.from({ length: 100 }, () =>
        dataSource.transaction(async (manager) => {
          const { value } = await manager.findOneByOrFail(Counter, { id });
          await manager.update(Counter, { id }, { value: value + 1 });
        }),
      ),
    );
    expect((await counters.findOneByOrFail({ id })).value).toBe(100);
  });

  it('have the isolation level that they are given, or SERIALIZABLE', async () => {
    expect(await dataSource.transaction(levelOf)).toBe('serializable');
    expect(await dataSource.transaction('READ COMMITTED', levelOf)).toBe('read committed');
    expect(await dataSource.manager.transaction('REPEATABLE READ', levelOf)).toBe('repeatable read');
    expect(await notes.manager.transaction(levelOf)).toBe('serializable');
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction('REPEATABLE READ');
    expect(await levelOf(runner.manager)).toBe('repeatable read');
    await runner.rollbackTransaction();
    await runner.release();
  });

  it('have the isolation level of the data source, where it has one', async () => {
    const other = await openDataSource('postgres', { isolationLevel: 'REPEATABLE READ' });
    expect(await other.dataSource.transaction(levelOf)).toBe('repeatable read');
    expect(await other.dataSource.transaction('SERIALIZABLE', levelOf)).toBe('serializable');
    await other.close();
  });
});

describe('the connections of a data source on PostgreSQL', () => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let notes: Repository<Note>;
  let admin: pg.Client;

  beforeEach(async () => {
    opened = await openDataSource('postgres', { poolSize: 1 });
    dataSource = opened.dataSource;
    notes = dataSource.getRepository(Note);
    admin = new pg.Client({ connectionString: opened.url });
    await admin.connect();
  });
  afterEach(async () => {
    await admin.end();
    await opened.close();
  });

  const backendOf = async (manager: EntityManager): Promise<number> =>
    (await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid'))[0]!.pid;
  const kill = (pid: number) => admin.query('SELECT pg_terminate_backend($1, 10000)', [pid]);

  it('are one for a whole transaction, whatever it reads and writes with', limit, async () => {
    const work = async (manager: EntityManager) => {
      await notes.save({ text: `${Math.random()}` });
      await manager.insert(Note, { text: `${Math.random()}` });
      await dataSource.query(`INSERT INTO note (text) VALUES ('${Math.random()}')`);
      await dataSource.createQueryBuilder(Note, 'note').getCount();
      await dataSource.transaction(() => notes.find());
    };
    await Promise.all(Array.from({ length: 20 }, () => dataSource.transaction(work)));
    expect(await notes.count()).toBe(60);
  });

  it.each(['not caught', 'caught'])(
    'that are killed in a transaction fail it, %s, and are replaced',
    limit,
    async (way) => {
      const failing = dataSource.transaction(async (manager) => {
        await notes.insert({ text: 'undone' });
        await kill(await backendOf(manager));
        const failure = await failureOf(notes.insert({ text: 'undone, too' }));
        expect(failure).toBeInstanceOf(Error);
        if (way === 'not caught') throw failure;
      });
      await expect(failing).rejects.toThrow(Error);
      for (const text of ['a', 'b', 'c']) await dataSource.transaction(() => notes.insert({ text }));
      await notes.insert({ text: 'd' });
      expect(await textsIn(dataSource)).toEqual(['a', 'b', 'c', 'd']);
    },
  );

  it(
    'that are killed in a nested transaction fail the outer one, though that was caught',
    limit,
    async () => {
      const failing = dataSource.transaction(async () => {
        await notes.insert({ text: 'undone' });
        const nested = dataSource.transaction(async (manager) => {
          await kill(await backendOf(manager));
          await notes.insert({ text: 'undone, too' });
        });
        expect(await failureOf(nested)).toBeInstanceOf(Error);
      });
      await expect(failing).rejects.toThrow(Error);
      await notes.insert({ text: 'next' });
      expect(await textsIn(dataSource)).toEqual(['next']);
    },
  );

  it.each([
    ['ALTER TABLE note ALTER id TYPE bigint', 'ALTER TABLE note ALTER id TYPE int'],
    ['DEALLOCATE ALL', 'DEALLOCATE ALL'],
  ])('prepare statements anew after %s', limit, async (once, again) => {
    const write = async (text: string) => {
      await notes.insert({ text: `${text} alone` });
      await notes.update({ text: `${text} alone` }, { text: `${text} changed` });
      await dataSource.transaction(async () => {
        await notes.insert({ text: `${text} in a transaction` });
        await dataSource.transaction(() => notes.insert({ text: `${text} in a nested one` }));
      });
      return (await notes.findOneBy({ text: `${text} changed` }))?.text;
    };
    expect(await write('before')).toBe('before changed');
    await dataSource.query(once);
    expect(await write('after')).toBe('after changed');
    // In a transaction the first statement finds out, too.
    await dataSource.query(again);
    await dataSource.transaction(() => notes.insert({ text: 'last' }));
    expect(await textsIn(dataSource)).toHaveLength(7);
  });

  it('that are killed under a query runner fail it, and are replaced', limit, async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'undone' });
    await kill(await backendOf(runner.manager));
    await expect(runner.manager.insert(Note, { text: 'undone, too' })).rejects.toThrow(Error);
    await expect(runner.commitTransaction()).rejects.toThrow(Error);
    await runner.release();
    await notes.insert({ text: 'next' });
    expect(await textsIn(dataSource)).toEqual(['next']);
  });
});
