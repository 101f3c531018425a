import {
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  type Repository,
  type TransactionCommitEvent,
  type TransactionRollbackEvent,
  type TransactionStartEvent,
} from 'typeorm';
import { afterCommit, type SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { Counter, failureOf, gate, Note, type Opened, openDataSource, textsIn } from './support.js';

/** What the subscriber does, which each test sets. */
let hooks: {
  afterInsert?: (event: InsertEvent<Note>) => unknown;
  beforeCommit?: (event: TransactionCommitEvent) => unknown;
  afterStart?: (event: TransactionStartEvent) => unknown;
  afterCommit?: (event: TransactionCommitEvent) => unknown;
  afterRollback?: (event: TransactionRollbackEvent) => unknown;
} = {};

@EventSubscriber()
class NoteSubscriber implements EntitySubscriberInterface<Note> {
  listenTo() {
    return Note;
  }
  afterInsert(event: InsertEvent<Note>) {
    return hooks.afterInsert?.(event) as Promise<unknown> | undefined;
  }
}

@EventSubscriber()
class TransactionSubscriber implements EntitySubscriberInterface {
  afterTransactionStart(event: TransactionStartEvent) {
    return hooks.afterStart?.(event) as undefined;
  }
  beforeTransactionCommit(event: TransactionCommitEvent) {
    return hooks.beforeCommit?.(event) as undefined;
  }
  afterTransactionCommit(event: TransactionCommitEvent) {
    return hooks.afterCommit?.(event) as undefined;
  }
  afterTransactionRollback(event: TransactionRollbackEvent) {
    return hooks.afterRollback?.(event) as undefined;
  }
}

describe.each(engines)('after the commit on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let notes: Repository<Note>;
  const texts = () => textsIn(dataSource);

  beforeAll(async () => {
    opened = await openDataSource(engine, { subscribers: [NoteSubscriber, TransactionSubscriber] });
    dataSource = opened.dataSource;
    notes = dataSource.getRepository(Note);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    hooks = {};
    await notes.deleteAll();
  });

  describe('callbacks', () => {
    it('are called in their order, when all is committed', async () => {
      const seen: unknown[] = [];
      await dataSource.transaction(async () => {
        afterCommit(async () => seen.push(await texts()));
        await notes.insert({ text: 'one' });
        afterCommit(() => seen.push('second'));
        await notes.insert({ text: 'two' });
        expect(seen).toEqual([]);
      });
      expect(seen).toEqual([['one', 'two'], 'second']);
    });

    it.each(['throws', 'has a failed statement that was caught', 'left something not awaited'])(
      'are not called when the transaction %s',
      async (why) => {
        await notes.insert({ text: 'taken' });
        const called = vi.fn<() => void>();
        let loose: Promise<unknown> = Promise.resolve();
        const failing = dataSource.transaction(async () => {
          afterCommit(called);
          await notes.insert({ text: 'undone' });
          if (why === 'throws') throw new Error('no');
          if (why.includes('statement')) await failureOf(notes.insert({ text: 'taken' }));
          else loose = failureOf(notes.insert({ text: 'loose' }));
        });
        await expect(failing).rejects.toThrow(Error);
        await loose;
        await dataSource.transaction(() => notes.insert({ text: 'next' }));
        expect(called).not.toHaveBeenCalled();
      },
    );

    it('of a nested transaction are called after the outer commit, and not where the nested one failed', async () => {
      const seen: string[] = [];
      await dataSource.transaction(async () => {
        await dataSource.transaction(async () => {
          await notes.insert({ text: 'kept' });
          afterCommit(() => seen.push('kept'));
        });
        const failing = dataSource.transaction(async () => {
          afterCommit(() => seen.push('undone'));
          await dataSource.transaction(async () => {
            afterCommit(() => seen.push('undone with it'));
          });
          throw new Error('inner');
        });
        await expect(failing).rejects.toThrow('inner');
        afterCommit(() => seen.push('outer'));
        expect(seen).toEqual([]);
      });
      expect(seen).toEqual(['kept', 'outer']);
    });

    it('write outside the transaction', async () => {
      await dataSource.transaction(async () => {
        await notes.insert({ text: 'one' });
        afterCommit(() => notes.insert({ text: 'bare' }));
        afterCommit(() => dataSource.transaction(() => notes.insert({ text: 'another transaction' })));
      });
      await vi.waitFor(async () => expect(await texts()).toEqual(['one', 'bare', 'another transaction']));
    });

    it('are of their own transaction among many', async () => {
      const called: number[] = [];
      await Promise.allSettled(
        Array.from({ length: 60 }, (_, n) =>
          dataSource.transaction(async () => {
            afterCommit(() => called.push(n));
            await notes.insert({ text: `${n}` });
            if (n % 2 === 1) throw new Error('odd');
          }),
        ),
      );
      expect(called.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => 2 * n));
    });

    it('are called at once outside a transaction, and what fails in them is nobody else’s', async () => {
      const called: string[] = [];
      afterCommit(() => called.push('at once'));
      afterCommit(() => Promise.reject(new Error('told in the log')));
      afterCommit(() => {
        throw new Error('told in the log');
      });
      expect(called).toEqual(['at once']);
      expect(await texts()).toEqual([]);
    });

    it('may be asked for by a subscriber, for a bare write, too', async () => {
      const seen: string[] = [];
      hooks.afterInsert = ({ entity }) => {
        afterCommit(() => seen.push(entity.text));
      };
      await notes.save({ text: 'saved' });
      await notes.insert({ text: 'inserted' });
      await failureOf(notes.insert({ text: 'inserted' }));
      expect(seen).toEqual(['saved', 'inserted']);
    });
  });

  describe('subscribers', () => {
    it('are told of it, and see what is committed', async () => {
      const seen: unknown[] = [];
      hooks.afterCommit = async ({ manager, dataSource: source }) => {
        const rows = await source.query<{ text: string }[]>('SELECT text FROM note ORDER BY id');
        seen.push([await manager.count(Note), rows.map(({ text }) => text)]);
      };
      await dataSource.transaction(async () => {
        await notes.insert({ text: 'one' });
        await notes.insert({ text: 'two' });
        expect(seen).toEqual([]);
      });
      await vi.waitFor(() => expect(seen).toEqual([[2, ['one', 'two']]]));
    });

    it('are told of a rollback and of no commit', async () => {
      const told: string[] = [];
      hooks.afterCommit = () => void told.push('commit');
      hooks.afterRollback = () => void told.push('rollback');
      const failing = dataSource.transaction(async () => {
        await notes.insert({ text: 'undone' });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(told).toEqual(['rollback']);
    });

    it('are told of a bare save', async () => {
      const seen: number[] = [];
      hooks.afterCommit = async ({ manager }) => void seen.push(await manager.count(Note));
      await notes.save({ text: 'one' });
      await vi.waitFor(() => expect(seen).toEqual([1]));
    });

    it.each(['a bare save', 'a bare insert', 'a save in a transaction', 'an insert in a transaction'])(
      "write with the event's manager what is kept with %s, or not at all",
      async (way) => {
        const write = (text: string): Promise<unknown> =>
          way.includes('save') ? notes.save({ text }) : notes.insert({ text });
        const run = (text: string): Promise<unknown> =>
          way.includes('bare') ? write(text) : dataSource.transaction(() => write(text));
        const counters = dataSource.getRepository(Counter);
        await counters.deleteAll();
        hooks.afterInsert = async ({ manager, entity }) => {
          await manager.insert(Counter, { value: entity.text.length });
          if (entity.text === 'refused') throw new Error('the subscriber says no');
        };
        await run('one');
        await expect(run('refused')).rejects.toThrow('the subscriber says no');
        expect(await texts()).toEqual(['one']);
        expect((await counters.find()).map(({ value }) => value)).toEqual([3]);
      },
    );

    it('write what is kept with the transaction that starts and commits, or not at all', async () => {
      const counters = dataSource.getRepository(Counter);
      await counters.deleteAll();
      let failed = false;
      hooks.afterStart = ({ manager }) => manager.insert(Counter, { value: 1 });
      hooks.beforeCommit = async ({ manager }) => {
        await manager.insert(Counter, { value: 2 });
        if (failed) throw new Error('not this time');
      };
      await dataSource.transaction((manager) => manager.query("INSERT INTO note (text) VALUES ('one')"));
      failed = true;
      const failing = dataSource.transaction((manager) =>
        manager.query("INSERT INTO note (text) VALUES ('undone')"),
      );
      await expect(failing).rejects.toThrow('not this time');
      hooks = {};
      expect(await texts()).toEqual(['one']);
      expect((await counters.find({ order: { value: 'ASC' } })).map(({ value }) => value)).toEqual([1, 2]);
    });

    it("write with injected repositories what belongs to the event's transaction, too", async () => {
      const counters = dataSource.getRepository(Counter);
      await counters.deleteAll();
      hooks.afterInsert = () => counters.insert({ value: 1 });
      const failing = dataSource.transaction(async () => {
        await notes.insert({ text: 'undone' });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await dataSource.transaction(() => notes.insert({ text: 'kept' }));
      expect(await counters.count()).toBe(1);
    });
  });
});

describe('after the commit on PostgreSQL with a single connection', () => {
  it('callbacks and subscribers have the connection', { timeout: 20_000 }, async () => {
    const { dataSource, close } = await openDataSource('postgres', {
      poolSize: 1,
      subscribers: [TransactionSubscriber],
    });
    const notes = dataSource.getRepository(Note);
    const [called, told] = [gate(), gate()];
    hooks = {
      afterCommit: async ({ manager }) => {
        await manager.count(Note);
        told.open();
      },
    };
    await dataSource.transaction(async () => {
      afterCommit(async () => {
        await notes.insert({ text: 'bare' });
        called.open();
      });
      await notes.insert({ text: 'one' });
    });
    await Promise.all([called.passed, told.passed]);
    hooks = {};
    expect(await textsIn(dataSource)).toEqual(['one', 'bare']);
    await close();
  });
});
