import {
  Column,
  Entity,
  ManyToOne,
  type MigrationInterface,
  PrimaryGeneratedColumn,
  type QueryRunner,
} from 'typeorm';
import { afterCommit, type SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { Counter, failureOf, gate, Note, type Opened, openDataSource, textsIn } from './support.js';

/** A row that needs another, which is looked at when all commit. */
@Entity()
class Part {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('int')
  wholeId: number;

  @ManyToOne(() => Counter, { deferrable: 'INITIALLY DEFERRED' })
  whole: Counter;
}

/** It leaves its own transaction open. */
class Careless1700000000000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE half (id int)');
    await runner.startTransaction();
    throw new Error('the migration fails');
  }

  async down(): Promise<void> {
    // There is nothing to undo.
  }
}

/** It takes longer than a transaction waits and runs. */
class Slow1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE slow (id int)');
    const end = Date.now() + 700;
    while (Date.now() < end) await runner.query('SELECT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE slow');
  }
}

describe.each(engines)('what goes wrong on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  const texts = () => textsIn(dataSource);
  const insert = (text: string) => dataSource.getRepository(Note).insert({ text });

  beforeAll(async () => {
    opened = await openDataSource(engine, { entities: [Note, Counter, Part] });
    dataSource = opened.dataSource;
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await dataSource.getRepository(Note).deleteAll();
    await dataSource.getRepository(Part).deleteAll();
  });

  describe('with a query runner that is made inside a transaction', () => {
    it('keeps nothing that it has not committed when it is released', async () => {
      await dataSource.transaction(async () => {
        await insert('kept');
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        await runner.manager.insert(Note, { text: 'undone' });
        await runner.release();
        await insert('kept, too');
      });
      expect(await texts()).toEqual(['kept', 'kept, too']);
    });

    it('takes nothing of what others write at once along when it is rolled back', async () => {
      await dataSource.transaction(async () => {
        const undone = async () => {
          const runner = dataSource.createQueryRunner();
          await runner.startTransaction();
          await runner.manager.insert(Note, { text: 'undone' });
          await runner.rollbackTransaction();
          await runner.release();
        };
        await Promise.all([undone(), insert('kept'), undone(), insert('kept, too')]);
      });
      expect((await texts()).toSorted()).toEqual(['kept', 'kept, too']);
    });

    it('commits what it has begun, and no more, where it is disposed of', async () => {
      const failing = dataSource.transaction(async () => {
        await insert('outer');
        {
          await using runner = dataSource.createQueryRunner();
          await runner.startTransaction();
          await runner.manager.insert(Note, { text: 'inner' });
        }
        expect(await texts()).toEqual(['outer', 'inner']);
        throw new Error('outer fails');
      });
      await expect(failing).rejects.toThrow('outer fails');
      expect(await texts()).toEqual([]);
    });

    it('has savepoints in savepoints', async () => {
      await dataSource.transaction(async () => {
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        await runner.manager.insert(Note, { text: 'one' });
        await runner.startTransaction();
        await runner.manager.insert(Note, { text: 'two' });
        await runner.rollbackTransaction();
        await runner.manager.transaction((manager) => manager.insert(Note, { text: 'three' }));
        await runner.commitTransaction();
        await runner.release();
      });
      expect(await texts()).toEqual(['one', 'three']);
    });
  });

  it('fails whoever breaks a key that is looked at when all commit, and nobody beside', async () => {
    const parts = dataSource.getRepository(Part);
    const [first, broken, last] = await Promise.allSettled([
      insert('first'),
      parts.insert({ wholeId: 999_999 }),
      dataSource.transaction(() => insert('last')),
    ]);
    expect([first.status, broken.status, last.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await texts()).toSorted()).toEqual(['first', 'last']);
    expect(await parts.count()).toBe(0);
  });

  it('goes on when a callback after the commit never ends', async () => {
    const never = gate();
    const waiting = dataSource.transaction(async () => {
      await insert('one');
      afterCommit(() => never.passed);
    });
    await vi.waitFor(async () => expect(await texts()).toEqual(['one']));
    await insert('two');
    expect(await texts()).toEqual(['one', 'two']);
    never.open();
    await waiting;
  });

  it('hears of subscribers that come late', async () => {
    const heard: string[] = [];
    await insert('before');
    const subscriber = {
      listenTo: () => Note,
      afterInsert: ({ entity }: { entity: Note }) => void heard.push(entity.text),
    };
    dataSource.subscribers.push(subscriber);
    await insert('after');
    dataSource.subscribers.splice(dataSource.subscribers.indexOf(subscriber), 1);
    expect(heard).toEqual(['after']);
  });

  it('leaves nothing behind where a migration fails with its transaction open', async () => {
    const other = await openDataSource(engine, { migrations: [Careless1700000000000] });
    const failing = other.dataSource.runMigrations({ transaction: 'each' });
    await expect(failing).rejects.toThrow('the migration fails');
    await other.dataSource.getRepository(Note).insert({ text: 'one' });
    expect(await textsIn(other.dataSource)).toEqual(['one']);
    if (engine === 'sqlite') {
      expect(await other.dataSource.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    }
    await other.close();
  });

  it('refuses what a migration leaves running, instead of letting it into the transaction of another', async () => {
    let late: (() => Promise<unknown>) | undefined;
    class Leaves1700000000000 implements MigrationInterface {
      async up({ dataSource: source }: QueryRunner): Promise<void> {
        const ended = gate();
        const stray = ended.passed.then(() => source.getRepository(Note).insert({ text: 'stray' }));
        late = () => (ended.open(), stray);
      }

      async down(): Promise<void> {
        // There is nothing to undo.
      }
    }
    const other = await openDataSource(engine, { migrations: [Leaves1700000000000] });
    await other.dataSource.runMigrations();
    await other.dataSource.transaction(async () => {
      await expect(late!()).rejects.toThrow(/released/);
    });
    expect(await textsIn(other.dataSource)).toEqual([]);
    await other.close();
  });

  it('lets a migration write a table that is watched, and tells of it', async () => {
    class Writes1700000000000 implements MigrationInterface {
      async up({ manager }: QueryRunner): Promise<void> {
        await manager.query('ALTER TABLE note ADD more text');
        await manager.insert(Note, { text: 'migrated' });
      }

      async down(): Promise<void> {
        // There is nothing to undo.
      }
    }
    const other = await openDataSource(engine, { migrations: [Writes1700000000000] });
    const told: unknown[] = [];
    other.dataSource.changes.watch([Note], (entities) => told.push(...entities));
    await other.dataSource.changes.catchUp();
    told.length = 0;
    await other.dataSource.runMigrations();
    await other.dataSource.changes.catchUp();
    expect(told).toContain(Note);
    expect(await textsIn(other.dataSource)).toEqual(['migrated']);
    await other.close();
  });

  it('goes on when a subscriber never lets a statement run', async () => {
    const never = gate();
    const other = await openDataSource(engine, { writeLimitMs: 300 });
    const subscriber = {
      beforeQuery: ({ query }: { query: string }) => (query.includes('stuck') ? never.passed : undefined),
    };
    other.dataSource.subscribers.push(subscriber);
    const stuck = other.dataSource.transaction((manager) => manager.query("SELECT 'stuck'"));
    await expect(stuck).rejects.toThrow('ran longer than 300 ms');
    other.dataSource.subscribers.length = 0;
    await other.dataSource.getRepository(Note).insert({ text: 'next' });
    expect(await textsIn(other.dataSource)).toEqual(['next']);
    never.open();
    await other.close();
  });

  it('lets a migration take as long as it takes', async () => {
    const options = { migrations: [Slow1700000000000], writeWaitMs: 200, writeLimitMs: 300 };
    const other = await openDataSource(engine, options);
    expect(await other.dataSource.runMigrations()).toHaveLength(1);
    await other.dataSource.query('SELECT id FROM slow');
    await other.close();
  });
});

it('keeps losers of PostgreSQL going when what they do after the commit loses, too', async () => {
  const { dataSource, close } = await openDataSource('postgres');
  const counters = dataSource.getRepository(Counter);
  const { id } = await counters.save({ value: 0 });
  const add = () =>
    dataSource.transaction(async () => {
      const { value } = await counters.findOneByOrFail({ id });
      await counters.update({ id }, { value: value + 1 });
    });
  const addTwice = () =>
    dataSource.transaction(async () => {
      const { value } = await counters.findOneByOrFail({ id });
      await counters.update({ id }, { value: value + 1 });
      afterCommit(add);
    });
  await Promise.all(Array.from({ length: 12 }, addTwice));
  expect((await counters.findOneByOrFail({ id })).value).toBe(24);
  expect(await failureOf(add())).toBeUndefined();
  await close();
});
