import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import type { Repository } from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import {
  Counter,
  gate,
  Note,
  type Opened,
  openDataSource,
  READS,
  readOften,
  textsIn,
  WRITES,
} from './support.js';

describe.each(engines)('bare writes on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let notes: Repository<Note>;
  let counters: Repository<Counter>;
  const texts = () => textsIn(dataSource);

  beforeAll(async () => {
    opened = await openDataSource(engine);
    dataSource = opened.dataSource;
    notes = dataSource.getRepository(Note);
    counters = dataSource.getRepository(Counter);
  });
  afterAll(() => opened.close());
  beforeEach(() => notes.deleteAll());

  /** What somebody sees who comes with a connection of their own. */
  const seenByOthers = async (): Promise<number> => {
    const sql = 'SELECT count(*) AS count FROM note';
    if (engine === 'sqlite') {
      const database = new BetterSqlite3(opened.url.slice('sqlite:'.length), { readonly: true });
      const count = database.prepare(sql).pluck().get();
      database.close();
      return Number(count);
    }
    const client = new pg.Client({ connectionString: opened.url });
    await client.connect();
    const { rows } = await client.query<{ count: string }>(sql).finally(() => client.end());
    return Number(rows[0]?.count);
  };

  it.each(Object.entries(WRITES))('are committed when they resolve: %s', async (_, write) => {
    await write(dataSource, dataSource.manager, 'one');
    expect(await seenByOthers()).toBe(1);
    expect(await texts()).toEqual(['one']);
  });

  it.each(Object.entries(WRITES))(
    'are kept when an open transaction beside them rolls back: %s',
    async (_, write) => {
      const written = gate();
      const bare = written.passed.then(() => write(dataSource, dataSource.manager, 'bare'));
      const failing = dataSource.transaction(async (manager) => {
        await manager.insert(Note, { text: 'undone' });
        written.open();
        await readOften(manager);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await bare;
      expect(await texts()).toEqual(['bare']);
    },
  );

  it('wait for their turn on SQLite, and not on PostgreSQL', async () => {
    const order: string[] = [];
    const begun = gate();
    const end = gate();
    const transaction = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'transaction' });
      begun.open();
      await end.passed;
      order.push('the transaction ends');
    });
    await begun.passed;
    const bare = notes.insert({ text: 'bare' }).then(() => order.push('the write is done'));
    if (engine === 'postgres') await bare;
    await readOften(dataSource.manager);
    end.open();
    await Promise.all([transaction, bare]);
    const both = ['the transaction ends', 'the write is done'];
    expect(order).toEqual(engine === 'sqlite' ? both : both.toReversed());
    expect((await texts()).toSorted()).toEqual(['bare', 'transaction']);
  });

  it('wait for a transaction that has written the same row', async () => {
    const { id } = await counters.save({ value: 0 });
    const begun = gate();
    const bare = begun.passed.then(() => counters.increment({ id }, 'value', 1));
    await dataSource.transaction(async (manager) => {
      await manager.update(Counter, { id }, { value: 10 });
      begun.open();
      await readOften(manager);
    });
    await bare;
    expect((await counters.findOneByOrFail({ id })).value).toBe(11);
  });

  it('lose no increment of 100 at once', async () => {
    const { id } = await counters.save({ value: 0 });
    await Promise.all(Array.from({ length: 100 }, () => counters.increment({ id }, 'value', 1)));
    expect((await counters.findOneByOrFail({ id })).value).toBe(100);
  });

  it('of several entities are kept or fail as a whole', async () => {
    await expect(notes.save([{ text: 'one' }, { text: 'two' }, { text: 'one' }])).rejects.toThrow(/unique/i);
    expect(await texts()).toEqual([]);
    await expect(notes.save([{ text: 'one' }, { text: 'one' }], { chunk: 1 })).rejects.toThrow(/unique/i);
    expect(await texts()).toEqual([]);
    await expect(notes.insert([{ text: 'one' }, { text: 'one' }])).rejects.toThrow(/unique/i);
    expect(await texts()).toEqual([]);
    const kept = await notes.save([{ text: 'one' }, { text: 'two' }]);
    expect(await texts()).toEqual(['one', 'two']);
    await notes.remove(kept);
    expect(await texts()).toEqual([]);
  });

  it('fail each by itself', async () => {
    const writes = Object.values(WRITES).filter((write) => write !== WRITES['an upsert of a repository']);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 * writes.length }, (_, n) =>
        // Each text is written twice.
        writes[n % writes.length]!(dataSource, dataSource.manager, `note ${n >> 1}`),
      ),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBe(Math.floor(outcomes.length / 2));
    const distinct = Array.from({ length: outcomes.length - failed.length }, (_, n) => `note ${n}`);
    expect((await texts()).toSorted()).toEqual(distinct.toSorted());
  });

  it('of every kind are right at once, beside transactions that fail', async () => {
    const writes = Object.values(WRITES);
    const bare = Array.from({ length: 200 }, (_, n) =>
      writes[n % writes.length]!(dataSource, dataSource.manager, `bare ${n}`),
    );
    const failing = Array.from({ length: 100 }, (_, n) =>
      dataSource.transaction(async (manager) => {
        await writes[n % writes.length]!(dataSource, manager, `undone ${n}`);
        throw new Error(`${n} fails`);
      }),
    );
    const outcomes = await Promise.allSettled(failing);
    await Promise.all(bare);
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).message : '')),
    ).toEqual(Array.from({ length: 100 }, (_, n) => `${n} fails`));
    expect((await texts()).toSorted()).toEqual(Array.from({ length: 200 }, (_, n) => `bare ${n}`).toSorted());
  });

  it('change and delete at once what they are asked to', async () => {
    const many = await notes.save(Array.from({ length: 60 }, (_, n) => ({ text: `note ${n}` })));
    await Promise.all(
      many.flatMap(({ id, text }, n): Promise<unknown>[] => {
        const rename = { text: `${text} changed` };
        const ways = [
          () => notes.update({ id }, rename),
          () => notes.save({ id, ...rename }),
          () => notes.createQueryBuilder().update().set(rename).where({ id }).execute(),
          () => dataSource.query(`UPDATE note SET text = '${rename.text}' WHERE id = ${id}`),
          () => notes.delete(id),
          () => dataSource.createQueryBuilder().delete().from(Note).where({ id }).execute(),
          () => dataSource.query(`DELETE FROM note WHERE id = ${id}`),
          () => notes.remove({ id, text }),
        ];
        return [ways[n % ways.length]!()];
      }),
    );
    const kept = many.filter((_, n) => n % 8 < 4).map(({ text }) => `${text} changed`);
    expect((await texts()).toSorted()).toEqual(kept.toSorted());
  });

  it.each(Object.entries(READS))('do not keep reads waiting: %s', { timeout: 20_000 }, async (_, read) => {
    await notes.insert({ text: 'committed' });
    const written = gate();
    const seen = gate();
    const writing = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'not yet' });
      written.open();
      await seen.passed;
    });
    await written.passed;
    const waiting = notes.insert({ text: 'waiting' });
    const count = await read(dataSource, dataSource.manager).finally(seen.open);
    await Promise.all([writing, waiting]);
    // On PostgreSQL the other write may be done, as it waits for nothing.
    expect(engine === 'sqlite' ? [1] : [1, 2]).toContain(count);
    expect(await read(dataSource, dataSource.manager)).toBe(3);
  });
});
