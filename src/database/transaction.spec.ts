import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { type QueryRunner, QueryFailedError } from 'typeorm';
import { afterCommit, named, outside, placeIn } from './places.js';
import type { SessionDataSource } from './session-data-source.js';
import { Transaction } from './transaction.js';

const ENDED = 'The transaction has ended: await everything inside it.';
const UNFINISHED = 'A transaction ended before one of its statements: await all of them.';

/** A conflict, as PostgreSQL tells of it. */
const conflict = () =>
  new QueryFailedError('SELECT', [], Object.assign(new Error('could not serialize'), { code: '40001' }));

describe('Transaction', () => {
  let log: string[];
  let isImmediate: boolean;
  let subscribers: unknown[];
  let dataSource: SessionDataSource;
  let runner: QueryRunner;
  let transaction: Transaction;

  beforeEach(() => {
    log = [];
    isImmediate = false;
    subscribers = [];
    dataSource = {
      options: { writeLimitMs: 60_000 },
      get subscribers() {
        return subscribers;
      },
      changes: { tablesWrittenBy: (sql: string) => (sql.startsWith('INSERT') ? [sql.slice(12)] : []) },
      engine: {
        get isImmediate() {
          return isImmediate;
        },
        endsTransaction: (error: Error) => error.message.startsWith('fatal'),
      },
    } as unknown as SessionDataSource;
    let depth = 0;
    runner = {
      manager: { name: 'the manager' },
      // As TypeORM's do: the depth is counted only when the statement is through.
      startTransaction: async () => {
        await transaction.savepoint('savepoint', async () => log.push(`savepoint ${depth}`));
        depth += 1;
      },
      commitTransaction: async () => {
        await transaction.savepoint('release', async () => log.push(`release ${depth - 1}`));
        depth -= 1;
      },
      rollbackTransaction: async () => {
        await transaction.savepoint('rollback to', async () => log.push(`roll back ${depth - 1}`));
        depth -= 1;
      },
      broadcaster: { broadcast: async (event: string) => log.push(event) },
    } as unknown as QueryRunner;
    transaction = new Transaction(dataSource, () => runner);
  });

  /** Runs a statement that takes a turn, and may fail. */
  const run = (sql: string, error?: Error) =>
    transaction.statement(sql, async () => {
      log.push(`${sql} begins`);
      await nextTurn();
      log.push(`${sql} ends`);
      if (error) throw error;
      return sql;
    });
  const fail = (message = 'no') => run('failing', new Error(message));
  const ignored = (promise: Promise<unknown>) => promise.catch(() => undefined);

  it('runs work with the manager of its query runner, and answers what it answers', async () => {
    const result = await transaction.run(async (manager) => {
      expect(manager).toBe(runner.manager);
      await nextTurn();
      expect(placeIn(dataSource)?.level?.transaction).toBe(transaction);
      return run('one');
    });
    expect(result).toBe('one');
    expect(placeIn(dataSource)).toBeUndefined();
  });

  it('has the name of those whom it is for', () => {
    expect(transaction.name).toBe('a job');
    expect(named('POST /tasks', () => new Transaction(dataSource, () => runner)).name).toBe('POST /tasks');
  });

  it('makes its query runner once, when it is needed', async () => {
    const make = vi.fn<() => QueryRunner>(() => runner);
    const own = new Transaction(dataSource, make);
    await own.statement('one', async () => undefined);
    expect(make).not.toHaveBeenCalled();
    expect([own.runner, own.runner]).toEqual([runner, runner]);
    expect(make).toHaveBeenCalledOnce();
    expect(make).toHaveBeenCalledWith(own);
  });

  it('runs one statement after another', async () => {
    await transaction.run(() => Promise.all([run('a'), run('b'), run('c')]));
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('notes the watched tables that it has written', async () => {
    await transaction.run(async () => {
      await run('INSERT INTO note');
      await run('SELECT * FROM other');
      await Promise.all([run('INSERT INTO note'), run('INSERT INTO task')]);
    });
    expect([...transaction.written]).toEqual(['note', 'task']);
  });

  it('throws what work throws, and lets nothing run any more', async () => {
    const failing = transaction.run(async () => {
      await run('one');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(() => transaction.check()).toThrow(ENDED);
    await expect(run('late')).rejects.toThrow(ENDED);
    expect(log).not.toContain('late begins');
  });

  it('fails with a statement that failed and was caught, and runs none after it', async () => {
    const failing = transaction.run(async () => {
      await ignored(fail());
      await ignored(run('after'));
      return 'good';
    });
    await expect(failing).rejects.toThrow('no');
    expect(log).toEqual(['failing begins', 'failing ends']);
  });

  it('runs none that waited for one that failed', async () => {
    const failing = transaction.run(() => Promise.allSettled([fail(), run('behind it')]));
    await expect(failing).rejects.toThrow('no');
    expect(log).not.toContain('behind it begins');
  });

  it('fails where a statement is not awaited, and waits for it', async () => {
    let statement!: Promise<unknown>;
    const failing = transaction.run(async () => {
      statement = run('not awaited');
      await Promise.resolve();
    });
    await expect(failing).rejects.toThrow(UNFINISHED);
    expect(log).toEqual(['not awaited begins', 'not awaited ends']);
    expect(await statement).toBe('not awaited');
  });

  it('finds out where a statement is not awaited that was through at once', async () => {
    isImmediate = true;
    const failing = transaction.run(async () => {
      void transaction.statement('one', async () => undefined);
    });
    await expect(failing).rejects.toThrow(UNFINISHED);
  });

  it('takes no statements of code that nobody awaited', async () => {
    const late = Promise.withResolvers<void>();
    let statement!: Promise<unknown>;
    await transaction.run(async () => {
      statement = late.promise.then(() => run('late'));
    });
    late.resolve();
    await expect(statement).rejects.toThrow(ENDED);
    expect(log).toEqual([]);
  });

  it('fails with what ended it, though that was caught and something else thrown', async () => {
    const caught = transaction.run(() => ignored(run('lost', new Error('fatal'))));
    await expect(caught).rejects.toThrow('fatal');
  });

  it('fails with the conflict for which work has thrown something else', async () => {
    const lost = conflict();
    vi.spyOn(dataSource.engine, 'endsTransaction').mockImplementation((error) => error === lost);
    const failing = transaction.run(async () => {
      await ignored(run('lost', lost));
      throw new Error('something else');
    });
    await expect(failing).rejects.toBe(lost);
  });

  describe('nested', () => {
    it('is a savepoint, and answers what its work answers', async () => {
      const answer = await transaction.run(async () => {
        await run('before');
        const inner = await transaction.nested(() => run('inside'));
        await run('after');
        return inner;
      });
      expect(answer).toBe('inside');
      expect(log.filter((line) => !line.endsWith('ends'))).toEqual([
        'before begins',
        'savepoint 0',
        'inside begins',
        'release 0',
        'after begins',
      ]);
    });

    it('fails alone', async () => {
      await transaction.run(async () => {
        await expect(transaction.nested(() => fail())).rejects.toThrow('no');
        const thrown = transaction.nested(() => Promise.reject(new Error('thrown')));
        await expect(thrown).rejects.toThrow('thrown');
        // Caught inside, where it has failed all the same.
        await expect(transaction.nested(() => ignored(fail('caught')))).rejects.toThrow('caught');
        await run('after');
      });
      expect(log.filter((line) => line.startsWith('roll'))).toEqual(Array(3).fill('roll back 0'));
      expect(log).not.toContain('release 0');
      expect(log.at(-1)).toBe('after ends');
    });

    it('takes all along where it meets what ends the transaction', async () => {
      const failing = transaction.run(async () => {
        await ignored(transaction.nested(() => ignored(fail('fatal'))));
        await ignored(run('after'));
      });
      await expect(failing).rejects.toThrow('fatal');
      expect(log).not.toContain('after begins');
    });

    it('takes all along where its savepoint cannot be gone back to', async () => {
      runner.rollbackTransaction = () =>
        transaction.savepoint('rollback to', () => Promise.reject(new Error('no such savepoint')));
      const failing = transaction.run(async () => {
        await expect(transaction.nested(() => fail())).rejects.toThrow('no');
        await ignored(run('after'));
      });
      await expect(failing).rejects.toThrow('no such savepoint');
      expect(log).not.toContain('after begins');
    });

    it('does not begin where the one around it has failed', async () => {
      const failing = transaction.run(async () => {
        await ignored(fail());
        await expect(transaction.nested(() => run('inside'))).rejects.toThrow('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(log).not.toContain('savepoint 0');
    });

    it('fails where a statement in it is not awaited, and is undone when that is through', async () => {
      await transaction.run(async () => {
        const nested = transaction.nested(async () => {
          void run('not awaited');
          await Promise.resolve();
        });
        await expect(nested).rejects.toThrow(UNFINISHED);
      });
      expect(log).toEqual(['savepoint 0', 'not awaited begins', 'not awaited ends', 'roll back 0']);
    });

    it('fails the outer one where nobody awaits it', async () => {
      let nested!: Promise<unknown>;
      const failing = transaction.run(async () => {
        nested = ignored(transaction.nested(() => run('inside')));
        await nextTurn();
      });
      await expect(failing).rejects.toThrow(UNFINISHED);
      await nested;
      expect(log).not.toContain('release 0');
    });

    it('comes one after another, and after the statements before it', async () => {
      const inside = (name: string) =>
        transaction.nested(() => Promise.all([run(`${name}1`), run(`${name}2`)]));
      await transaction.run(() => Promise.all([run('a'), inside('b'), run('c'), inside('d')]));
      expect(log.filter((line) => !line.endsWith('ends'))).toEqual([
        ...['a begins', 'savepoint 0', 'b1 begins', 'b2 begins', 'release 0'],
        ...['c begins', 'savepoint 0', 'd1 begins', 'd2 begins', 'release 0'],
      ]);
    });

    it('nests again', async () => {
      await transaction.run(() =>
        transaction.nested(async () => {
          await run('a');
          await ignored(transaction.nested(() => fail()));
          await transaction.nested(() => run('b'));
        }),
      );
      expect(log.filter((line) => !/begins|ends/.test(line))).toEqual([
        ...['savepoint 0', 'savepoint 1', 'roll back 1', 'savepoint 1', 'release 1', 'release 0'],
      ]);
    });
  });

  describe('at its end', () => {
    it('calls those who wait for the commit, in their order and outside of it', async () => {
      await transaction.run(async () => {
        afterCommit(() => log.push('first'));
        afterCommit(async () => {
          await nextTurn();
          log.push(`second, ${placeIn(dataSource) ? 'inside' : 'outside'}`);
        });
        afterCommit(() => log.push('third'));
      });
      expect(log).toEqual([]);
      await transaction.committed();
      expect(log).toEqual(['first', 'second, outside', 'third']);
    });

    it('goes on with the others where one of them fails', async () => {
      await transaction.run(async () => {
        afterCommit(() => Promise.reject(new Error('of a callback')));
        afterCommit(() => {
          throw new Error('of another callback');
        });
        afterCommit(() => log.push('last'));
      });
      await transaction.committed();
      expect(log).toEqual(['last']);
    });

    it('calls nobody who waited in a nested one that failed', async () => {
      await transaction.run(async () => {
        await ignored(
          transaction.nested(async () => {
            afterCommit(() => log.push('undone'));
            throw new Error('no');
          }),
        );
        await transaction.nested(async () => afterCommit(() => log.push('kept')));
      });
      await transaction.committed();
      expect(log.filter((line) => /undone|kept/.test(line))).toEqual(['kept']);
    });

    it('tells subscribers, where there are any', async () => {
      await transaction.run(() => run('one'));
      await transaction.committed();
      expect(log).toEqual(['one begins', 'one ends']);
      subscribers = [{}];
      log.length = 0;
      transaction = new Transaction(dataSource, () => runner);
      await transaction.run(() => run('one'));
      await transaction.committed();
      expect(log).toEqual([
        ...['BeforeTransactionStart', 'AfterTransactionStart', 'one begins', 'one ends'],
        ...['BeforeTransactionCommit', 'AfterTransactionCommit'],
      ]);
    });

    it('tells subscribers of a roll-back', async () => {
      subscribers = [{}];
      await ignored(transaction.run(() => Promise.reject(new Error('no'))));
      await transaction.rolledBack();
      expect(log.slice(2)).toEqual(['BeforeTransactionRollback', 'AfterTransactionRollback']);
    });
  });

  it('waits at its end for a savepoint that nobody awaited, and fails with it', async () => {
    const savepoint = async () => {
      await nextTurn();
      log.push('savepoint');
    };
    void transaction.savepoint('savepoint', savepoint);
    await transaction.end();
    expect(log).toEqual(['savepoint']);
    const other = new Transaction(dataSource, () => runner);
    const failing = other.savepoint('savepoint', () =>
      nextTurn().then(() => Promise.reject(new Error('no'))),
    );
    await Promise.all([expect(other.end()).rejects.toThrow('no'), expect(failing).rejects.toThrow('no')]);
  });

  it('that was abandoned lets nothing run, and tells why when it ends', async () => {
    const underWay = run('one');
    await nextTurn();
    const abandoned = transaction.abandon(new Error('too long'));
    expect(() => transaction.check()).toThrow(ENDED);
    await expect(run('after')).rejects.toThrow(ENDED);
    await abandoned;
    expect(log).toEqual(['one begins', 'one ends']);
    await underWay;
    await expect(transaction.end()).rejects.toThrow('too long');
    // The first reason holds.
    await transaction.abandon(new Error('something else'));
    await expect(transaction.end()).rejects.toThrow('too long');
  });

  it('leaves work outside of it alone', async () => {
    await transaction.run(async () => {
      outside(() => expect(placeIn(dataSource)).toBeUndefined());
      expect(placeIn(dataSource)).toBeDefined();
    });
  });

  it('runs one at a time, and none after one that failed or after its end, in whatever order things happen', async () => {
    const works = fc.array(
      fc.record({ fails: fc.boolean(), awaited: fc.boolean(), nested: fc.boolean(), caught: fc.boolean() }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), works, async (scheduler, all) => {
        const own = new Transaction(dataSource, () => runner);
        transaction = own;
        log = [];
        let underWay = 0;
        let isOver = false;
        const failures: Error[] = [];
        const statement = (n: number, fails: boolean) =>
          own.statement(`${n}`, async () => {
            expect(isOver).toBe(false);
            expect((underWay += 1)).toBe(1);
            await scheduler.schedule(Promise.resolve(), `statement ${n}`);
            underWay -= 1;
            if (fails) throw new Error(`${n} failed`);
          });
        const promises: Promise<unknown>[] = [];
        const outcome = await scheduler.waitFor(
          own
            .run(async () => {
              for (const [n, { fails, awaited, nested, caught }] of all.entries()) {
                const each = nested ? own.nested(() => statement(n, fails)) : statement(n, fails);
                const settled = each.catch((error: Error) => {
                  failures.push(error);
                  if (awaited && !caught) throw error;
                });
                promises.push(settled.catch(() => undefined));
                if (awaited) await settled;
                else await scheduler.schedule(Promise.resolve(), `${n} is not awaited`);
              }
            })
            .then(
              () => 'committed',
              () => 'failed',
            ),
        );
        isOver = true;
        expect(underWay).toBe(0);
        await scheduler.waitFor(Promise.all(promises));
        await expect(statement(99, false)).rejects.toThrow(Error);
        // A nested one that failed may have been caught. All else that failed, or was refused, fails the whole.
        const mayPass = all.every(({ fails, nested }) => !fails || nested);
        if (outcome === 'committed') expect(mayPass).toBe(true);
        if (failures.length === 0 && all.every(({ awaited }) => awaited)) expect(outcome).toBe('committed');
      }),
      { numRuns: 200 },
    );
  });
});
