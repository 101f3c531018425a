import { setImmediate as nextTick } from 'node:timers/promises';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { gate, Note, type Opened, openDataSource, readOften, textsIn, WRITES } from './support.js';

type Work<T> = (manager: EntityManager) => Promise<T>;
type Nest = <T>(dataSource: DataSource, outer: EntityManager, work: Work<T>) => Promise<T>;

const NESTED: Readonly<Record<string, Nest>> = {
  'dataSource.transaction': (dataSource, _, work) => dataSource.transaction(work),
  'the transaction of an injected manager': ({ manager }, _, work) => manager.transaction(work),
  'the transaction of the given manager': (_, outer, work) => outer.transaction(work),
};

describe.each(engines)('nested transactions on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let notes: Repository<Note>;
  const texts = () => textsIn(dataSource);

  beforeAll(async () => {
    opened = await openDataSource(engine);
    dataSource = opened.dataSource;
    notes = dataSource.getRepository(Note);
  });
  afterAll(() => opened.close());
  beforeEach(() => notes.deleteAll());

  describe.each(Object.entries(NESTED))('begun by %s', (_, nest) => {
    it('are kept with the outer one', async () => {
      const result = await dataSource.transaction(async (outer) => {
        await notes.insert({ text: 'outer' });
        return nest(dataSource, outer, async (inner) => {
          await inner.insert(Note, { text: 'given' });
          await notes.insert({ text: 'injected' });
          return 'result';
        });
      });
      expect(result).toBe('result');
      expect(await texts()).toEqual(['outer', 'given', 'injected']);
    });

    it('are undone with the outer one', async () => {
      const failing = dataSource.transaction(async (outer) => {
        await nest(dataSource, outer, () => notes.insert({ text: 'inner' }));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await texts()).toEqual([]);
    });

    it('fail alone where their error is caught', async () => {
      const error = new Error('inner');
      await dataSource.transaction(async (outer) => {
        await notes.insert({ text: 'before' });
        const failing = nest(dataSource, outer, async (inner) => {
          await inner.insert(Note, { text: 'given' });
          await notes.insert({ text: 'injected' });
          throw error;
        });
        await expect(failing).rejects.toBe(error);
        expect(await texts()).toEqual(['before']);
        await notes.insert({ text: 'after' });
      });
      expect(await texts()).toEqual(['before', 'after']);
    });

    it('fail the outer one where their error is not caught', async () => {
      const failing = dataSource.transaction(async (outer) => {
        await notes.insert({ text: 'before' });
        await nest(dataSource, outer, async () => {
          throw new Error('inner');
        });
      });
      await expect(failing).rejects.toThrow('inner');
      expect(await texts()).toEqual([]);
    });

    it('fail alone where a statement in them has failed', async () => {
      await notes.insert({ text: 'taken' });
      await dataSource.transaction(async (outer) => {
        await notes.insert({ text: 'before' });
        const failing = nest(dataSource, outer, async () => {
          await notes.insert({ text: 'undone' });
          await notes.insert({ text: 'taken' });
        });
        await expect(failing).rejects.toThrow(/unique/i);
        await notes.insert({ text: 'after' });
      });
      expect(await texts()).toEqual(['taken', 'before', 'after']);
    });

    it('fail alone where a statement in them has failed and that was caught in them', async () => {
      await notes.insert({ text: 'taken' });
      await dataSource.transaction(async (outer) => {
        await notes.insert({ text: 'before' });
        const failing = nest(dataSource, outer, async () => {
          await notes.insert({ text: 'undone' });
          await notes.insert({ text: 'taken' }).catch(() => undefined);
        });
        await expect(failing).rejects.toThrow(Error);
        await notes.insert({ text: 'after' });
      });
      expect(await texts()).toEqual(['taken', 'before', 'after']);
    });

    it('do not mix with those beside them', async () => {
      const fates = await dataSource.transaction(async (outer) => {
        const nested = Array.from({ length: 10 }, (_unused, n) =>
          nest(dataSource, outer, async (inner) => {
            await notes.insert({ text: `${n} a` });
            await nextTick();
            await inner.insert(Note, { text: `${n} b` });
            await nextTick();
            if (n % 2 === 1) throw new Error('odd');
          }),
        );
        return (await Promise.allSettled(nested)).map(({ status }) => status);
      });
      expect(fates).toEqual(
        Array.from({ length: 10 }, (_unused, n) => (n % 2 === 1 ? 'rejected' : 'fulfilled')),
      );
      const kept = [0, 2, 4, 6, 8].flatMap((n) => [`${n} a`, `${n} b`]);
      expect((await texts()).toSorted()).toEqual(kept);
    });

    it.each(Object.entries(WRITES))(
      'take nothing with them when they fail that was written beside them: %s',
      async (_way, write) => {
        await dataSource.transaction(async (outer) => {
          const begun = gate();
          const failing = nest(dataSource, outer, async (inner) => {
            await inner.insert(Note, { text: 'undone' });
            begun.open();
            await readOften(inner);
            throw new Error('inner');
          });
          const beside = begun.passed.then(() => write(dataSource, outer, 'beside'));
          const outcomes = await Promise.allSettled([failing, beside]);
          expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
        });
        expect(await texts()).toEqual(['beside']);
      },
    );
  });

  it('nest more than once', async () => {
    await dataSource.transaction(async () => {
      await notes.insert({ text: '1' });
      await dataSource.transaction(async () => {
        await notes.insert({ text: '2' });
        const failing = dataSource.transaction(async () => {
          await notes.insert({ text: '3' });
          await dataSource.transaction(() => notes.insert({ text: '4' }));
          throw new Error('the third');
        });
        await expect(failing).rejects.toThrow('the third');
        await dataSource.transaction(() => notes.insert({ text: '5' }));
      });
      await notes.insert({ text: '6' });
    });
    expect(await texts()).toEqual(['1', '2', '5', '6']);
  });

  it('do not mix with others beside them on any level', async () => {
    const branch = (name: string, level: number): Promise<unknown> =>
      dataSource.transaction(async () => {
        await notes.insert({ text: name });
        if (level < 3) {
          await Promise.allSettled(['0', '1', '2'].map((n) => branch(`${name}${n}`, level + 1)));
        }
        if (name.endsWith('1')) throw new Error('fails');
      });
    await branch('r', 0);
    const digits = ['', '0', '2'];
    const kept = new Set(
      digits.flatMap((a) =>
        (a ? digits : ['']).flatMap((b) => (b ? digits : ['']).map((c) => `r${a}${b}${c}`)),
      ),
    );
    expect((await texts()).toSorted()).toEqual([...kept].toSorted());
  });

  it('keep saves with cascades whole beside those that fail', async () => {
    await dataSource.transaction(async () => {
      const begun = gate();
      const failing = dataSource.transaction(async (inner) => {
        await inner.insert(Note, { text: 'undone' });
        begun.open();
        await readOften(inner);
        throw new Error('inner');
      });
      const many = Array.from({ length: 20 }, (_, n) => ({ text: `n${n}` }));
      const beside = begun.passed.then(() => notes.save(many, { chunk: 3 }));
      await Promise.allSettled([failing, beside]);
      await beside;
    });
    expect(await texts()).toHaveLength(20);
  });

  it('of many transactions at once keep exactly what did not fail', async () => {
    const work = (n: number) =>
      dataSource.transaction(async () => {
        await notes.insert({ text: `${n} outer` });
        await Promise.allSettled(
          ['x', 'y'].map((name) =>
            dataSource.transaction(async () => {
              await notes.insert({ text: `${n} ${name}` });
              if (name === 'y') throw new Error('inner');
            }),
          ),
        );
        if (n % 2 === 1) throw new Error('outer');
      });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => work(n)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const kept = Array.from({ length: 20 }, (_, n) => [`${2 * n} outer`, `${2 * n} x`]).flat();
    expect((await texts()).toSorted()).toEqual(kept.toSorted());
  });
});
