import type { EntityManager, Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { failureOf, gate, Note, type Opened, openDataSource, textsIn, WRITES } from './support.js';

describe.each(engines)('what a transaction does not await on %s', (engine) => {
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

  const UNFINISHED: Readonly<Record<string, (manager: EntityManager) => Promise<unknown>>> = {
    'a save': () => notes.save({ text: 'loose' }),
    'an insert': () => notes.insert({ text: 'loose' }),
    'SQL of the data source': () => dataSource.query("INSERT INTO note (text) VALUES ('loose')"),
    'SQL of the given manager': (manager) => manager.query("INSERT INTO note (text) VALUES ('loose')"),
    'SQL that reads': () => dataSource.query('SELECT * FROM note'),
    'a nested transaction': () => dataSource.transaction(() => notes.insert({ text: 'loose' })),
    'a nested transaction of the given manager': (manager) =>
      manager.transaction((inner) => inner.insert(Note, { text: 'loose' })),
  };

  it.each(Object.entries(UNFINISHED))('fails it when it has begun: %s', async (_, begin) => {
    let loose: Promise<unknown> = Promise.resolve();
    const careless = dataSource.transaction(async (manager) => {
      await notes.insert({ text: 'awaited' });
      loose = failureOf(begin(manager));
    });
    await expect(careless).rejects.toThrow(Error);
    await loose;
    await notes.insert({ text: 'next' });
    expect(await texts()).toEqual(['next']);
  });

  it.each(Object.entries(WRITES))('is kept with all else or not at all: %s', async (_, write) => {
    let loose: Promise<unknown> = Promise.resolve();
    const careless = dataSource.transaction(async (manager) => {
      await notes.insert({ text: 'awaited' });
      loose = failureOf(write(dataSource, manager, 'loose'));
    });
    const failure = await failureOf(careless);
    const late = await loose;
    // Where its first statement comes in time, the transaction need not fail.
    const kept = late ? ['awaited'] : ['awaited', 'loose'];
    expect(await texts()).toEqual(failure ? [] : kept);
    await dataSource.transaction(() => notes.insert({ text: 'next' }));
    expect((await texts()).at(-1)).toBe('next');
  });

  describe.each(['has committed', 'has failed'])('and that begins when it %s', (fate) => {
    const LATE: typeof WRITES = {
      ...WRITES,
      'a transaction': (source, _, text) => source.transaction((manager) => manager.insert(Note, { text })),
      'a nested transaction of the given manager': (_, manager, text) =>
        manager.transaction((inner) => inner.insert(Note, { text })),
    };

    it.each(Object.entries(LATE))('rejects and writes nothing: %s', async (_, write) => {
      const ended = gate();
      let late: Promise<unknown> = Promise.resolve();
      const transaction = dataSource.transaction(async (manager) => {
        await notes.insert({ text: 'awaited' });
        late = ended.passed.then(() => write(dataSource, manager, 'late'));
        if (fate === 'has failed') throw new Error('no');
      });
      const failure = await failureOf(transaction);
      expect(failure instanceof Error).toBe(fate === 'has failed');
      ended.open();
      await expect(late).rejects.toThrow(/ended|released/i);
      await dataSource.transaction(() => notes.insert({ text: 'next' }));
      expect(await texts()).toEqual(failure ? ['next'] : ['awaited', 'next']);
    });
  });

  it('and of which another part has failed is undone, too', async () => {
    const many = Array.from({ length: 20 }, (_, n) => ({ text: `loose ${n}` }));
    let loose: Promise<unknown> = Promise.resolve();
    const failing = dataSource.transaction(async () => {
      const saving = notes.save(many, { chunk: 1 });
      loose = failureOf(saving);
      await Promise.all([Promise.reject(new Error('a part fails')), saving]);
    });
    const other = notes.insert({ text: 'other' });
    await expect(failing).rejects.toThrow('a part fails');
    expect(await loose).toBeInstanceOf(Error);
    await other;
    await dataSource.transaction(() => notes.insert({ text: 'next' }));
    expect(await texts()).toEqual(['other', 'next']);
  });

  it('ends before the connection has its next user', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        dataSource.transaction(async (manager) => {
          if (n % 2 === 0) return notes.insert({ text: `kept ${n}` });
          void failureOf(manager.query(`INSERT INTO note (text) VALUES ('loose ${n}')`));
          return undefined;
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? 'fulfilled' : 'rejected')),
    );
    expect((await texts()).toSorted()).toEqual(
      Array.from({ length: 50 }, (_, n) => `kept ${2 * n}`).toSorted(),
    );
  });
});
