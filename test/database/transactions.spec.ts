import { setImmediate as nextTick } from 'node:timers/promises';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { Counter, gate, Note, type Opened, openDataSource, READS, textsIn, WRITES } from './support.js';

type Begin = <T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>) => Promise<T>;

const ENTRANCES: Readonly<Record<string, Begin>> = {
  'dataSource.transaction': (dataSource, work) => dataSource.transaction(work),
  'manager.transaction': ({ manager }, work) => manager.transaction(work),
  'repository.manager.transaction': (dataSource, work) =>
    dataSource.getRepository(Note).manager.transaction(work),
  'manager.transaction with an isolation level': ({ manager }, work) =>
    manager.transaction('SERIALIZABLE', work),
};

describe.each(engines)('transactions on %s', (engine) => {
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

  describe.each(Object.entries(ENTRANCES))('begun by %s', (_, begin) => {
    it('resolve to what the work returns, and keep what it wrote', async () => {
      const { id } = await begin(dataSource, () => notes.save({ text: 'one' }));
      expect(await notes.findOneBy({ id })).toEqual({ id, text: 'one' });
    });

    it('reject with what the work throws, keep nothing, and do not run again', async () => {
      const error = new Error('no');
      let runs = 0;
      const failing = begin(dataSource, async () => {
        runs += 1;
        await notes.save({ text: 'one' });
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(runs).toBe(1);
      expect(await texts()).toEqual([]);
    });

    it('reject where the work throws before it returns a promise', async () => {
      const work = () => {
        throw new Error('at once');
      };
      await expect(begin(dataSource, work)).rejects.toThrow('at once');
      await begin(dataSource, () => notes.insert({ text: 'next' }));
      expect(await texts()).toEqual(['next']);
    });
  });

  it.each(Object.entries(WRITES))('take in %s', async (_, write) => {
    const failing = dataSource.transaction(async (manager) => {
      await write(dataSource, manager, 'undone');
      expect(await manager.count(Note)).toBe(1);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual([]);
    await dataSource.transaction((manager) => write(dataSource, manager, 'kept'));
    expect(await texts()).toEqual(['kept']);
  });

  it.each(Object.entries(READS))('show what is not committed to themselves only: %s', async (_, read) => {
    const written = gate();
    const seen = gate();
    const writing = dataSource.transaction(async (manager) => {
      await notes.save({ text: 'one' });
      const inside = await read(dataSource, manager);
      written.open();
      await seen.passed;
      return inside;
    });
    await written.passed;
    expect(await read(dataSource, dataSource.manager).finally(seen.open)).toBe(0);
    expect(await writing).toBe(1);
    expect(await read(dataSource, dataSource.manager)).toBe(1);
  });

  it('take in query builders that were made outside', async () => {
    const { id } = await notes.save({ text: 'first' });
    const select = dataSource.createQueryBuilder(Note, 'note').where('note.id = :id', { id });
    const insert = dataSource.createQueryBuilder().insert().into(Note).values({ text: 'second' });
    const update = notes.createQueryBuilder().update().set({ text: 'changed' }).where({ id });
    const remove = dataSource.createQueryBuilder().delete().from(Note).where('id <> :id', { id });
    const failing = dataSource.transaction(async () => {
      await insert.execute();
      await update.execute();
      expect((await select.getOneOrFail()).text).toBe('changed');
      expect(await notes.count()).toBe(2);
      await remove.execute();
      expect(await texts()).toEqual(['changed']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual(['first']);
  });

  it('leave query builders behind that work outside', async () => {
    const select = await dataSource.transaction(async () => {
      await notes.save({ text: 'one' });
      return { builder: notes.createQueryBuilder('note') };
    });
    expect(await select.builder.getCount()).toBe(1);
  });

  it('leave repositories behind that work outside', async () => {
    const fresh = await openDataSource(engine);
    const counters = await fresh.dataSource.transaction(async () => fresh.dataSource.getRepository(Counter));
    await counters.insert({ value: 1 });
    await expect(
      fresh.dataSource.transaction(async () => {
        await counters.insert({ value: 2 });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await counters.sum('value')).toBe(1);
    await fresh.close();
  });

  it('take in what somebody outside does with the given manager', async () => {
    const given = Promise.withResolvers<EntityManager>();
    const written = gate();
    const failing = dataSource.transaction(async (manager) => {
      given.resolve(manager);
      await written.passed;
      throw new Error('no');
    });
    const manager = await given.promise;
    await manager.insert(Note, { text: 'undone' }).finally(written.open);
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual([]);
  });

  it('take in what is written at once', async () => {
    const many = Array.from({ length: 30 }, (_, n) => `note ${n}`);
    const writes = Object.values(WRITES);
    await dataSource.transaction((manager) =>
      Promise.all(many.map((text, n) => writes[n % writes.length]!(dataSource, manager, text))),
    );
    expect((await texts()).toSorted()).toEqual(many.toSorted());
  });

  it('read at once what they have written', async () => {
    const counts = await dataSource.transaction(async (manager) => {
      await notes.save({ text: 'one' });
      return Promise.all(Object.values(READS).map((read) => read(dataSource, manager)));
    });
    expect(new Set(counts)).toEqual(new Set([1]));
  });

  it('take in nothing that is written to another data source', async () => {
    const other = await openDataSource(engine);
    const failing = dataSource.transaction(async () => {
      await notes.insert({ text: 'here' });
      await other.dataSource.getRepository(Note).insert({ text: 'there' });
      await other.dataSource.transaction((manager) => manager.insert(Note, { text: 'there, too' }));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await textsIn(other.dataSource)).toEqual(['there', 'there, too']);
    expect(await texts()).toEqual([]);
    await other.close();
  });

  describe('in which a statement fails and that is caught', () => {
    const FAILURES: Readonly<Record<string, (manager: EntityManager) => Promise<unknown>>> = {
      'an insert of a repository': () => notes.insert({ text: 'taken' }),
      'a save of a repository': () => notes.save({ text: 'taken' }),
      'a save of the given manager': (manager) => manager.save(Note, { text: 'taken' }),
      'a query builder': () =>
        dataSource.createQueryBuilder().update(Note).set({ text: 'taken' }).where("text = 'a'").execute(),
      'SQL that writes': () => dataSource.query("INSERT INTO note (text) VALUES ('taken')"),
      'SQL that reads': () => dataSource.query('SELECT nothing FROM nowhere'),
    };

    it.each(Object.entries(FAILURES))('keep nothing: %s', async (_, fail) => {
      await notes.insert({ text: 'taken' });
      let caught: unknown;
      const failing = dataSource.transaction(async (manager) => {
        await notes.insert({ text: 'a' });
        await fail(manager).catch((error: unknown) => {
          caught = error;
        });
        await notes.insert({ text: 'b' }).catch(() => undefined);
        return 'done';
      });
      await expect(failing).rejects.toThrow(Error);
      expect(caught).toBeInstanceOf(Error);
      expect(await texts()).toEqual(['taken']);
      await dataSource.transaction(() => notes.insert({ text: 'next' }));
      expect(await texts()).toEqual(['taken', 'next']);
    });

    it('go on after an entity that was not found', async () => {
      await dataSource.transaction(async () => {
        await expect(notes.findOneByOrFail({ id: 0 })).rejects.toThrow('Could not find');
        await notes.insert({ text: 'one' });
      });
      expect(await texts()).toEqual(['one']);
    });
  });

  it('keep exactly those of 200 at once that do not fail', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) =>
        dataSource.transaction(async (manager) => {
          await notes.insert({ text: `${n} a` });
          await nextTick();
          await manager.save(Note, { text: `${n} b` });
          if (n % 2 === 1) throw new Error(`${n} fails`);
        }),
      ),
    );
    const fates = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'kept' : (outcome.reason as Error).message,
    );
    expect(fates).toEqual(Array.from({ length: 200 }, (_, n) => (n % 2 === 1 ? `${n} fails` : 'kept')));
    const kept = Array.from({ length: 100 }, (_, n) => [`${2 * n} a`, `${2 * n} b`]).flat();
    expect((await texts()).toSorted()).toEqual(kept.toSorted());
  });

  it('lose no update of 50 that read and write one row at once', async () => {
    const counters = dataSource.getRepository(Counter);
    const { id } = await counters.save({ value: 0 });
    const increment = () =>
      dataSource.transaction(async () => {
        const counter = await counters.findOneByOrFail({ id });
        await nextTick();
        counter.value += 1;
        await counters.save(counter);
      });
    await Promise.all(Array.from({ length: 50 }, increment));
    expect((await counters.findOneByOrFail({ id })).value).toBe(50);
  });
});
