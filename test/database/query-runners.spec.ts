import type { QueryRunner, Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import {
  failureOf,
  gate,
  Note,
  type Opened,
  openDataSource,
  READS,
  readOften,
  textsIn,
  WRITES,
} from './support.js';

describe.each(engines)('query runners on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let notes: Repository<Note>;
  const texts = () => textsIn(dataSource);

  beforeAll(async () => {
    opened = await openDataSource(engine, { poolSize: 10 });
    dataSource = opened.dataSource;
    notes = dataSource.getRepository(Note);
  });
  afterAll(() => opened.close());
  beforeEach(() => notes.deleteAll());

  /** As TypeORM's documentation does it. */
  const inTransaction = async (work: (runner: QueryRunner) => Promise<unknown>) => {
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await runner.startTransaction();
    try {
      await work(runner);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  };

  /** The ways to write that know of no data source but the one behind the given manager. */
  const ownWrites = Object.entries(WRITES).filter(([name]) => name.includes('given manager'));

  it.each(ownWrites)('keep what they commit, and nothing that they roll back: %s', async (_, write) => {
    await inTransaction(({ manager }) => write(dataSource, manager, 'kept'));
    const failing = inTransaction(async ({ manager }) => {
      await write(dataSource, manager, 'undone');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual(['kept']);
  });

  it('take in query builders and SQL that are given the runner', async () => {
    const failing = inTransaction(async (runner) => {
      await dataSource.createQueryBuilder(runner).insert().into(Note).values({ text: 'a' }).execute();
      await notes.createQueryBuilder('note', runner).insert().values({ text: 'b' }).execute();
      await dataSource.query("INSERT INTO note (text) VALUES ('c')", [], runner);
      await runner.query("INSERT INTO note (text) VALUES ('d')");
      expect(await dataSource.createQueryBuilder(Note, 'note', runner).getCount()).toBe(4);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual([]);
  });

  it.each(Object.entries(READS))('show nobody else what is not committed: %s', async (_, read) => {
    const written = gate();
    const seen = gate();
    const writing = inTransaction(async ({ manager }) => {
      await manager.insert(Note, { text: 'one' });
      expect(await manager.count(Note)).toBe(1);
      written.open();
      await seen.passed;
    });
    await written.passed;
    expect(await read(dataSource, dataSource.manager).finally(seen.open)).toBe(0);
    await writing;
    expect(await read(dataSource, dataSource.manager)).toBe(1);
  });

  it('roll back what they have not committed when they are released', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'undone' });
    await runner.release();
    expect(runner.isReleased).toBe(true);
    await notes.insert({ text: 'next' });
    await inTransaction(({ manager }) => manager.insert(Note, { text: 'and next' }));
    expect(await texts()).toEqual(['next', 'and next']);
  });

  it('leave none of their transactions to who gets the connection next', async () => {
    for (let n = 0; n < 30; n += 1) {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.insert(Note, { text: `undone ${n}` });
      await runner.release();
    }
    await Promise.all(Array.from({ length: 30 }, (_, n) => notes.insert({ text: `kept ${n}` })));
    expect((await texts()).filter((text) => text.startsWith('kept'))).toHaveLength(30);
    expect(await texts()).toHaveLength(30);
  });

  it('run nothing after their release', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const { manager } = runner;
    await runner.release();
    await expect(runner.query("INSERT INTO note (text) VALUES ('late')")).rejects.toThrow(/released|ended/i);
    await expect(manager.insert(Note, { text: 'late' })).rejects.toThrow(/released|ended/i);
    expect(await texts()).toEqual([]);
  });

  it('keep each statement by itself outside a transaction', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.query("INSERT INTO note (text) VALUES ('one')");
    expect(await texts()).toEqual(['one']);
    await runner.manager.save(Note, { text: 'two' });
    expect(await texts()).toEqual(['one', 'two']);
    await expect(runner.query("INSERT INTO note (text) VALUES ('two')")).rejects.toThrow(/unique/i);
    await runner.manager.transaction((manager) => manager.insert(Note, { text: 'three' }));
    await runner.release();
    expect(await texts()).toEqual(['one', 'two', 'three']);
  });

  it('that have not begun, or have ended, keep nobody waiting', async () => {
    const idle = dataSource.createQueryRunner();
    await idle.connect();
    const done = dataSource.createQueryRunner();
    await done.startTransaction();
    await done.manager.insert(Note, { text: 'one' });
    await done.commitTransaction();
    await notes.insert({ text: 'two' });
    await dataSource.transaction(() => notes.insert({ text: 'three' }));
    await Promise.all([idle.release(), done.release()]);
    expect(await texts()).toEqual(['one', 'two', 'three']);
  });

  it('run one transaction after another', async () => {
    const runner = dataSource.createQueryRunner();
    for (const n of [1, 2, 3, 4]) {
      await runner.startTransaction();
      await runner.manager.insert(Note, { text: `${n}` });
      await (n % 2 === 1 ? runner.rollbackTransaction() : runner.commitTransaction());
      expect(runner.isTransactionActive).toBe(false);
    }
    await runner.release();
    expect(await texts()).toEqual(['2', '4']);
  });

  it('nest by savepoints, in which a statement may fail', async () => {
    await notes.insert({ text: 'taken' });
    await inTransaction(async (runner) => {
      await runner.manager.insert(Note, { text: 'outer' });
      await runner.startTransaction();
      await runner.manager.insert(Note, { text: 'undone' });
      await expect(runner.manager.insert(Note, { text: 'taken' })).rejects.toThrow(/unique/i);
      await runner.rollbackTransaction();
      await runner.startTransaction();
      await runner.manager.insert(Note, { text: 'inner' });
      await runner.commitTransaction();
      await runner.manager
        .transaction(async (manager) => {
          await manager.insert(Note, { text: 'undone, too' });
          throw new Error('inner');
        })
        .catch(() => undefined);
    });
    expect(await texts()).toEqual(['taken', 'outer', 'inner']);
  });

  it('do not commit after a statement that failed and was caught', async () => {
    await notes.insert({ text: 'taken' });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'before' });
    await expect(runner.manager.insert(Note, { text: 'taken' })).rejects.toThrow(/unique/i);
    await failureOf(runner.manager.insert(Note, { text: 'after' }));
    await expect(runner.commitTransaction()).rejects.toThrow(Error);
    await runner.rollbackTransaction();
    expect(await texts()).toEqual(['taken']);
    // It is as good as new.
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'next' });
    await runner.commitTransaction();
    await runner.release();
    expect(await texts()).toEqual(['taken', 'next']);
  });

  it('end and begin transactions only where there is or is none', async () => {
    const runner = dataSource.createQueryRunner();
    await expect(runner.commitTransaction()).rejects.toThrow(/not started/i);
    await expect(runner.rollbackTransaction()).rejects.toThrow(/not started/i);
    await runner.release();
  });

  it('take their turn when their transaction starts, and may overlap', async () => {
    const first = dataSource.createQueryRunner();
    const second = dataSource.createQueryRunner();
    const order: string[] = [];
    await first.startTransaction();
    await first.manager.insert(Note, { text: 'first' });
    const starting = second.startTransaction().then(() => order.push('second starts'));
    if (engine === 'postgres') await starting;
    await readOften(dataSource.manager);
    order.push('first commits');
    await first.commitTransaction();
    await starting;
    await second.manager.insert(Note, { text: 'second' });
    await second.rollbackTransaction();
    await Promise.all([first.release(), second.release()]);
    const [early, late] = ['second starts', 'first commits'];
    expect(order).toEqual(engine === 'sqlite' ? [late, early] : [early, late]);
    expect(await texts()).toEqual(['first']);
  });

  it('do not mix with each other, with transactions or with bare writes', async () => {
    const fail = (n: number) => {
      if (n % 2 === 1) throw new Error('odd');
    };
    const works = [
      (n: number) =>
        inTransaction(async ({ manager }) => {
          await manager.insert(Note, { text: `runner ${n} a` });
          await manager.save(Note, { text: `runner ${n} b` });
          fail(n);
        }),
      (n: number) =>
        dataSource.transaction(async () => {
          await notes.insert({ text: `transaction ${n} a` });
          await notes.save({ text: `transaction ${n} b` });
          fail(n);
        }),
      (n: number) => notes.save([{ text: `bare ${n} a` }, { text: n % 2 ? `bare ${n} a` : `bare ${n} b` }]),
      // What is never committed.
      async (n: number) => {
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        await runner.manager.insert(Note, { text: `lost ${n}` });
        await runner.release();
      },
    ];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => works.map((work) => work(n))).flat(),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(60);
    const kept = ['bare', 'runner', 'transaction'].flatMap((kind) =>
      Array.from({ length: 20 }, (_, n) => [`${kind} ${2 * n} a`, `${kind} ${2 * n} b`]).flat(),
    );
    expect((await texts()).toSorted()).toEqual(kept.toSorted());
  });

  it('leave a bare write beside them alone when they roll back', async () => {
    const written = gate();
    const bare = written.passed.then(() => notes.insert({ text: 'bare' }));
    const failing = inTransaction(async ({ manager }) => {
      await manager.insert(Note, { text: 'undone' });
      written.open();
      await readOften(manager);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await bare;
    expect(await texts()).toEqual(['bare']);
  });
});
