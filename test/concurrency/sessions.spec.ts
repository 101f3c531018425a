import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Sessions } from '../../src/database/sessions.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
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
  let sessions: Sessions;
  let unitOfWork: UnitOfWork;
  let tasks: Repository<Task>;

  beforeAll(async () => {
    test = await startApp(engine);
    sessions = test.app.get(Sessions);
    unitOfWork = test.app.get(UnitOfWork);
    tasks = test.app.get(getRepositoryToken(Task));
  });
  afterAll(() => test.close());
  beforeEach(() => inSession(() => unitOfWork.run(() => tasks.deleteAll())));

  const inSession = <T>(work: () => T): T => sessions.run('test', 'a test', work);
  const save = (name: string) => tasks.save({ name, done: false });
  const count = () => inSession(() => tasks.count());

  it('keeps what B wrote when A rolls back, 1,000 times', async () => {
    const pair = async (n: number) => {
      const aHasWritten = gate();
      const bHasBegun = gate();
      const a = inSession(() =>
        unitOfWork.run(async () => {
          await save(`A${n}`);
          aHasWritten.open();
          await bHasBegun.passed;
          throw new Error('A fails');
        }),
      );
      await aHasWritten.passed;
      const b = inSession(() => unitOfWork.run(() => save(`B${n}`)));
      bHasBegun.open();
      await expect(a).rejects.toThrow('A fails');
      await b;
    };
    for (let n = 0; n < 1_000; n += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => pair(n + i)));
    }
    const names = await inSession(async () => (await tasks.find()).map(({ name }) => name));
    expect(names.filter((name) => name.startsWith('A'))).toEqual([]);
    expect(new Set(names).size).toBe(1_000);
  });

  it('shows nobody what is not committed, and all of it afterwards', async () => {
    const written = gate();
    const seen = gate();
    const writing = inSession(() =>
      unitOfWork.run(async () => {
        await save('one');
        await save('two');
        expect(await tasks.count()).toBe(2);
        written.open();
        await seen.passed;
      }),
    );
    await written.passed;
    expect(await count()).toBe(0);
    expect((await test.app.inject('/tasks/')).json()).toEqual([]);
    seen.open();
    await writing;
    expect(await count()).toBe(2);
  });

  it('loses no update of 50 units that read and write one row at once', async () => {
    const { id } = await inSession(() => unitOfWork.run(() => save('0')));
    const increment = () =>
      unitOfWork.run(async () => {
        const task = await tasks.findOneByOrFail({ id });
        await tasks.update({ id }, { name: String(Number(task.name) + 1) });
      });
    await Promise.all(Array.from({ length: 50 }, () => inSession(increment)));
    expect((await inSession(() => tasks.findOneByOrFail({ id }))).name).toBe('50');
  });

  it('runs 50 units at once, of which every second fails, and keeps the others', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        inSession(() =>
          unitOfWork.run(async () => {
            await save(String(n));
            if (n % 2) throw new Error('odd');
          }),
        ),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(25);
    expect(await count()).toBe(25);
  });

  it('joins nested units: one commit, and nothing is kept when the outer one fails', async () => {
    await inSession(() =>
      unitOfWork.run(async () => {
        await save('outer');
        await unitOfWork.run(() => save('inner'));
        expect(await tasks.count()).toBe(2);
      }),
    );
    expect(await count()).toBe(2);

    const failing = inSession(() =>
      unitOfWork.run(async () => {
        await unitOfWork.run(() => save('inner'));
        throw new Error('outer fails');
      }),
    );
    await expect(failing).rejects.toThrow('outer fails');
    expect(await count()).toBe(2);
  });

  it('fails the whole unit when a nested one has failed, even if that was caught', async () => {
    const unit = inSession(() =>
      unitOfWork.run(async () => {
        await save('outer');
        await unitOfWork
          .run(async () => {
            await save('inner');
            throw new Error('inner fails');
          })
          .catch(() => undefined);
      }),
    );
    await expect(unit).rejects.toThrow('inner fails');
    expect(await count()).toBe(0);
  });

  it('keeps two units of one session apart when they run at once', async () => {
    const [kept, failed] = await inSession(() =>
      Promise.allSettled([
        unitOfWork.run(() => save('kept')),
        unitOfWork.run(async () => {
          await save('failed');
          throw new Error('fails');
        }),
      ]),
    );
    expect([kept?.status, failed?.status]).toEqual(['fulfilled', 'rejected']);
    expect(await count()).toBe(1);
  });

  it('refuses a write outside a unit of work', async () => {
    await expect(inSession(() => save('loose'))).rejects.toThrow(/read-?only/i);
    expect(await count()).toBe(0);
  });

  it('refuses any use of a repository outside a session', () => {
    expect(() => tasks.manager).toThrow('No database session is open here');
  });

  it('refuses what goes on after its unit has ended', async () => {
    const ended = gate();
    let late: Promise<unknown> = Promise.resolve();
    await inSession(() =>
      unitOfWork.run(async () => {
        await save('in time');
        late = ended.passed.then(() => save('late'));
      }),
    );
    ended.open();
    await expect(late).rejects.toThrow('has ended');
    expect(await count()).toBe(1);
  });

  it('calls back after a commit, and never after a failure', async () => {
    const calls: string[] = [];
    await inSession(() =>
      unitOfWork.run(async () => {
        await save('kept');
        unitOfWork.afterCommit(async () => calls.push(`kept, ${await count()} row`));
        unitOfWork.afterCommit(() => {
          throw new Error('a side effect that fails takes nothing back');
        });
      }),
    );
    const failing = inSession(() =>
      unitOfWork.run(() => {
        unitOfWork.afterCommit(() => calls.push('failed'));
        return Promise.reject(new Error('fails'));
      }),
    );
    await expect(failing).rejects.toThrow('fails');
    expect(calls).toEqual(['kept, 1 row']);
  });
});

describe.each(engines)('the limits of units on %s', (engine) => {
  let test: TestApp;
  let sessions: Sessions;
  let unitOfWork: UnitOfWork;
  let tasks: Repository<Task>;

  beforeAll(async () => {
    test = await startApp(engine, { settings: { WRITE_LIMIT_MS: '200', WRITE_WAIT_MS: '5000' } });
    sessions = test.app.get(Sessions);
    unitOfWork = test.app.get(UnitOfWork);
    tasks = test.app.get(getRepositoryToken(Task));
  });
  afterAll(() => test.close());

  const unit = <T>(name: string, work: () => Promise<T>) =>
    sessions.run('test', name, () => unitOfWork.run(work));

  it('rolls back a unit that runs too long, names it, and lets nothing of it write later', async () => {
    const goOn = gate();
    let afterwards: Promise<unknown> = Promise.resolve();
    const stuck = unit('GET /stuck', async () => {
      await tasks.save({ name: 'stuck', done: false });
      // Holds the connection itself, past every check of the session.
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
    const names = await sessions.run('test', 'a test', async () =>
      (await tasks.find()).map(({ name }) => name),
    );
    expect(names.toSorted()).toEqual(['next', 'other']);
  });

  it('answers 503 with Retry-After to a request whose unit waits too long', async () => {
    const impatient = await startApp(engine, {
      settings: { WRITE_LIMIT_MS: '60000', WRITE_WAIT_MS: '100', DATABASE_POOL_SIZE: '1' },
    });
    try {
      const done = gate();
      const began = gate();
      const holding = impatient.app.get(Sessions).run('test', 'a test', () =>
        impatient.app.get(UnitOfWork).run(async () => {
          began.open();
          await done.passed;
        }),
      );
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
