import { getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import { afterCommit, named } from '../../src/database/index.js';
import { Task } from '../../src/tasks/task.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';

/** A promise and the function that settles it, to hold one request where the other is to overtake it. */
function gate(): { passed: Promise<void>; open: () => void } {
  const { promise: passed, resolve: open } = Promise.withResolvers<void>();
  return { passed, open };
}

describe.each(engines)('sessions on %s', (engine) => {
  let test: TestApp;
  let dataSource: DataSource;
  let tasks: Repository<Task>;

  beforeAll(async () => {
    test = await startApp(engine);
    dataSource = test.app.get(getDataSourceToken());
    tasks = test.app.get(getRepositoryToken(Task));
  });
  afterAll(() => test.close());
  beforeEach(() => dataSource.transaction(() => tasks.deleteAll()));

  const save = (name: string) => tasks.save({ name, done: false });
  const count = () => tasks.count();

  it('keeps what B wrote when A rolls back, 1,000 times', async () => {
    const pair = async (n: number) => {
      const aHasWritten = gate();
      const bHasBegun = gate();
      const a = dataSource.transaction(async () => {
        await save(`A${n}`);
        aHasWritten.open();
        await bHasBegun.passed;
        throw new Error('A fails');
      });
      await aHasWritten.passed;
      const b = dataSource.transaction(() => save(`B${n}`));
      bHasBegun.open();
      await expect(a).rejects.toThrow('A fails');
      await b;
    };
    for (let n = 0; n < 1_000; n += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => pair(n + i)));
    }
    const names = (await tasks.find()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('A'))).toEqual([]);
    expect(new Set(names).size).toBe(1_000);
  });

  it('shows nobody what is not committed, and all of it afterwards', async () => {
    const written = gate();
    const seen = gate();
    const writing = dataSource.transaction(async () => {
      await save('one');
      await save('two');
      expect(await tasks.count()).toBe(2);
      written.open();
      await seen.passed;
    });
    await written.passed;
    expect(await count()).toBe(0);
    expect((await test.app.inject('/tasks/')).json()).toEqual([]);
    seen.open();
    await writing;
    expect(await count()).toBe(2);
  });

  it('loses no update of 50 units that read and write one row at once', async () => {
    const { id } = await dataSource.transaction(() => save('0'));
    const increment = () =>
      dataSource.transaction(async () => {
        const task = await tasks.findOneByOrFail({ id });
        await tasks.update({ id }, { name: String(Number(task.name) + 1) });
      });
    await Promise.all(Array.from({ length: 50 }, () => increment()));
    expect((await tasks.findOneByOrFail({ id })).name).toBe('50');
  });

  it('runs 50 units at once, of which every second fails, and keeps the others', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        dataSource.transaction(async () => {
          await save(String(n));
          if (n % 2) throw new Error('odd');
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(25);
    expect(await count()).toBe(25);
  });

  it('has nested transactions: one commit, and nothing is kept when the outer one fails', async () => {
    await dataSource.transaction(async () => {
      await save('outer');
      await dataSource.transaction(() => save('inner'));
      expect(await tasks.count()).toBe(2);
    });
    expect(await count()).toBe(2);

    const failing = dataSource.transaction(async () => {
      await dataSource.transaction(() => save('inner'));
      throw new Error('outer fails');
    });
    await expect(failing).rejects.toThrow('outer fails');
    expect(await count()).toBe(2);
  });

  it('keeps the outer transaction when a nested one has failed and that was caught', async () => {
    await dataSource.transaction(async () => {
      await save('outer');
      const failing = dataSource.transaction(async () => {
        await save('inner');
        throw new Error('inner fails');
      });
      await expect(failing).rejects.toThrow('inner fails');
    });
    expect((await tasks.find()).map(({ name }) => name)).toEqual(['outer']);
  });

  it('keeps two units of one session apart when they run at once', async () => {
    const [kept, failed] = await Promise.allSettled([
      dataSource.transaction(() => save('kept')),
      dataSource.transaction(async () => {
        await save('failed');
        throw new Error('fails');
      }),
    ]);
    expect([kept?.status, failed?.status]).toEqual(['fulfilled', 'rejected']);
    expect(await count()).toBe(1);
  });

  it('keeps a write outside of any transaction, whatever becomes of those beside it', async () => {
    const failing = dataSource.transaction(async () => {
      await save('failed');
      throw new Error('fails');
    });
    const [failed, kept] = await Promise.allSettled([failing, save('kept')]);
    expect([failed.status, kept.status]).toEqual(['rejected', 'fulfilled']);
    expect((await tasks.find()).map(({ name }) => name)).toEqual(['kept']);
  });

  it('refuses what goes on after its unit has ended', async () => {
    const ended = gate();
    let late: Promise<unknown> = Promise.resolve();
    await dataSource.transaction(async () => {
      await save('in time');
      late = ended.passed.then(() => save('late'));
    });
    ended.open();
    await expect(late).rejects.toThrow('has ended');
    expect(await count()).toBe(1);
  });

  it('calls back after a commit, and never after a failure', async () => {
    const calls: string[] = [];
    await dataSource.transaction(async () => {
      await save('kept');
      afterCommit(async () => calls.push(`kept, ${await count()} row`));
      afterCommit(() => {
        throw new Error('a side effect that fails takes nothing back');
      });
    });
    const failing = dataSource.transaction(() => {
      afterCommit(() => calls.push('failed'));
      return Promise.reject(new Error('fails'));
    });
    await expect(failing).rejects.toThrow('fails');
    expect(calls).toEqual(['kept, 1 row']);
  });
});

describe.each(engines)('the limits of units on %s', (engine) => {
  let test: TestApp;
  let dataSource: DataSource;
  let tasks: Repository<Task>;

  beforeAll(async () => {
    test = await startApp(engine, { settings: { WRITE_LIMIT_MS: '200', WRITE_WAIT_MS: '5000' } });
    dataSource = test.app.get(getDataSourceToken());
    tasks = test.app.get(getRepositoryToken(Task));
  });
  afterAll(() => test.close());

  const unit = <T>(name: string, work: () => Promise<T>) => named(name, () => dataSource.transaction(work));

  it('rolls back a unit that runs too long, names it, and lets nothing of it write later', async () => {
    const goOn = gate();
    let afterwards: Promise<unknown> = Promise.resolve();
    const stuck = unit('GET /stuck (test)', async () => {
      await tasks.save({ name: 'stuck', done: false });
      const { manager } = tasks;
      afterwards = goOn.passed.then(() => manager.insert(Task, { name: 'zombie', done: false }));
      await afterwards;
    });
    const other = unit('POST /other', () => tasks.save({ name: 'other', done: false }));
    await expect(stuck).rejects.toThrow('GET /stuck (test) ran longer than 200 ms');
    await other;

    // The next unit is open when the stuck one goes on.
    await unit('POST /next', async () => {
      goOn.open();
      await expect(afterwards).rejects.toThrow(/has ended/);
      await tasks.save({ name: 'next', done: false });
    });
    const names = (await tasks.find()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['next', 'other']);
  });

  it('answers 503 with Retry-After to a request whose unit waits too long', async () => {
    const impatient = await startApp(engine, {
      settings: { WRITE_LIMIT_MS: '60000', WRITE_WAIT_MS: '100', DATABASE_POOL_SIZE: '1' },
    });
    try {
      const done = gate();
      const began = gate();
      const holding = impatient.app.get<DataSource>(getDataSourceToken()).transaction(async () => {
        began.open();
        await done.passed;
      });
      await began.passed;
      const refused = await impatient.app.inject({ method: 'POST', url: '/log', payload: { message: 'x' } });
      expect(refused.statusCode).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.json().type).toBe('urn:daybook:problem:database-unavailable');
      done.open();
      await holding;
      expect(
        (await impatient.app.inject({ method: 'POST', url: '/log', payload: { message: 'y' } })).statusCode,
      ).toBe(200);
      expect((await impatient.app.inject('/logs')).json().logs).toHaveLength(1);
    } finally {
      await impatient.close();
    }
  });
});
