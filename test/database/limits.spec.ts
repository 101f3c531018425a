import { engines } from '../support/databases.js';
import { Counter, failureOf, gate, Note, openDataSource, textsIn } from './support.js';

/** What would wait for ever fails sooner than by the limit of all tests. */
const limit = { timeout: 20_000 };

describe.each(engines)('the limits of a data source on %s', (engine) => {
  it('writeLimitMs ends a transaction of a query runner that is never released', limit, async () => {
    const { dataSource, close } = await openDataSource(engine, { writeLimitMs: 300, writeWaitMs: 10_000 });
    const counters = dataSource.getRepository(Counter);
    const { id } = await counters.save({ value: 0 });
    const begun = gate();
    // On PostgreSQL it may wait for the row as long as the transaction may take, which ends it.
    const bare = begun.passed.then(() =>
      againAfter(/statement timeout|ran longer than/, () => counters.increment({ id }, 'value', 1)),
    );
    const transaction = begun.passed.then(() =>
      againAfter(/statement timeout|ran longer than/, () =>
        dataSource.transaction(() => counters.increment({ id }, 'value', 10)),
      ),
    );

    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.increment(Counter, { id }, 'value', 100);
    begun.open();
    await Promise.all([bare, transaction]);
    expect(await counters.findOneByOrFail({ id })).toEqual({ id, value: 11 });
    await expect(runner.manager.increment(Counter, { id }, 'value', 100)).rejects.toThrow(Error);
    await expect(runner.commitTransaction()).rejects.toThrow(Error);
    await failureOf(runner.release());
    expect(await counters.findOneByOrFail({ id })).toEqual({ id, value: 11 });
    await close();
  });

  it('writeLimitMs ends a transaction whose work does not end', limit, async () => {
    const { dataSource, close } = await openDataSource(engine, { writeLimitMs: 300, writeWaitMs: 10_000 });
    const notes = dataSource.getRepository(Note);
    const begun = gate();
    const end = gate();
    const bare = begun.passed.then(() => notes.insert({ text: 'bare' }));
    let late: Promise<unknown> = Promise.resolve();
    const endless = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'undone' });
      begun.open();
      await end.passed;
      late = notes.insert({ text: 'late' });
      await late;
    });
    await expect(endless).rejects.toThrow(/300 ms|limit|longer/i);
    await bare;
    end.open();
    await end.passed;
    await expect(late).rejects.toThrow(Error);
    expect(await textsIn(dataSource)).toEqual(['bare']);
    await close();
  });

  it('writeLimitMs leaves alone what is faster, also when there is much of it', limit, async () => {
    const { dataSource, close } = await openDataSource(engine, { writeLimitMs: 3_000, writeWaitMs: 20_000 });
    const notes = dataSource.getRepository(Note);
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => dataSource.transaction(() => notes.save({ text: `${n}` }))),
    );
    expect(await notes.count()).toBe(100);
    await close();
  });

  it(
    'writeWaitMs ends the wait of what does not get its turn, which then writes nothing',
    limit,
    async () => {
      const { dataSource, close } = await openDataSource(engine, { writeWaitMs: 300, poolSize: 1 });
      const notes = dataSource.getRepository(Note);
      const begun = gate();
      const end = gate();
      const waiting = [
        begun.passed.then(() => notes.insert({ text: 'bare' })),
        begun.passed.then(() => dataSource.transaction(() => notes.insert({ text: 'transaction' }))),
        begun.passed.then(() => {
          const runner = dataSource.createQueryRunner();
          return runner.startTransaction().finally(() => runner.release());
        }),
      ];
      const long = dataSource.transaction(async (manager) => {
        await manager.insert(Note, { text: 'long' });
        begun.open();
        await end.passed;
      });
      const failures = await Promise.all(waiting.map(failureOf));
      end.open();
      await long;
      expect(failures).toEqual(Array(3).fill(expect.any(Error)));
      await notes.insert({ text: 'next' });
      expect(await textsIn(dataSource)).toEqual(['long', 'next']);
      await close();
    },
  );
});

describe('a data source on SQLite in memory', () => {
  it('keeps transactions and bare writes apart', async () => {
    const { dataSource, close } = await openInMemory();
    const notes = dataSource.getRepository(Note);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => [
        dataSource.transaction(async () => {
          await notes.insert({ text: `transaction ${n} a` });
          await notes.save({ text: `transaction ${n} b` });
          if (n % 2 === 1) throw new Error('odd');
        }),
        notes.insert({ text: `bare ${n}` }),
      ]).flat(),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(50);
    const texts = await textsIn(dataSource);
    expect(texts.filter((text) => text.startsWith('bare'))).toHaveLength(100);
    const kept = Array.from({ length: 50 }, (_, n) => [
      `transaction ${2 * n} a`,
      `transaction ${2 * n} b`,
    ]).flat();
    expect(texts.filter((text) => !text.startsWith('bare')).toSorted()).toEqual(kept.toSorted());
    await close();
  });

  it('shows nobody what is not committed', async () => {
    const { dataSource, close } = await openInMemory();
    const written = gate();
    // There is but one connection, so these may wait.
    const reads = [
      written.passed.then(() => dataSource.manager.count(Note)),
      written.passed.then(() => dataSource.createQueryBuilder(Note, 'note').getCount()),
      written.passed.then(() => dataSource.transaction((manager) => manager.count(Note))),
    ];
    const failing = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'undone' });
      written.open();
      for (let n = 0; n < 5; n += 1) expect(await manager.count(Note)).toBe(1);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await Promise.all(reads)).toEqual([0, 0, 0]);
    await close();
  });

  it('runs nested transactions and query runners', async () => {
    const { dataSource, close } = await openInMemory();
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'outer' });
      const failing = manager.transaction(async (inner) => {
        await inner.insert(Note, { text: 'undone' });
        throw new Error('inner');
      });
      await expect(failing).rejects.toThrow('inner');
    });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'undone' });
    await runner.release();
    expect(await textsIn(dataSource)).toEqual(['outer']);
    await close();
  });

  it('has nothing in common with another one', async () => {
    const [one, other] = [await openInMemory(), await openInMemory()];
    await one.dataSource.manager.insert(Note, { text: 'one' });
    expect(await textsIn(one.dataSource)).toEqual(['one']);
    expect(await textsIn(other.dataSource)).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  const openInMemory = () =>
    openDataSource('sqlite', { database: { url: 'sqlite::memory:', drop: () => Promise.resolve() } });
});

/** Does something again and again until it does not fail for this reason any more. */
async function againAfter<T>(reason: RegExp, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!reason.test(String(error))) throw error;
    }
  }
}
