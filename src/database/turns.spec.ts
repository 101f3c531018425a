import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { Turns } from './turns.js';

describe('Turns', () => {
  it('lets through at once who finds nobody', () => {
    const turns = new Turns();
    expect(turns.take()).toBeUndefined();
    turns.pass();
    expect(turns.take()).toBeUndefined();
  });

  it('has others wait until the turn is passed on', async () => {
    const turns = new Turns();
    void turns.take();
    let through = false;
    const waiting = turns.take()!.then(() => (through = true));
    await nextTurn();
    expect(through).toBe(false);
    turns.pass();
    await waiting;
  });

  it('lets nobody overtake the one to whom the turn was passed, and who does not run yet', async () => {
    const turns = new Turns();
    void turns.take();
    const order: string[] = [];
    const second = turns.take()!.then(() => order.push('second'));
    turns.pass();
    const third = turns.take();
    expect(third).toBeInstanceOf(Promise);
    await second;
    turns.pass();
    await third?.then(() => order.push('third'));
    expect(order).toEqual(['second', 'third']);
  });

  it('settles as the work does, and goes on after work that failed', async () => {
    const turns = new Turns();
    const failing = turns.run(() => Promise.reject(new Error('no')));
    const throwing = turns.run(() => {
      throw new Error('not even a promise');
    });
    const working = turns.run(async () => 'done');
    await expect(failing).rejects.toThrow('no');
    await expect(throwing).rejects.toThrow('not even a promise');
    expect(await working).toBe('done');
    expect(turns.take()).toBeUndefined();
  });

  it('runs one at a time, in the order in which they came, whenever they come and end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ steps: fc.nat(3), fails: fc.boolean() }), { minLength: 1, maxLength: 8 }),
        async (scheduler, works) => {
          const turns = new Turns();
          const came: number[] = [];
          const began: number[] = [];
          let inside = 0;
          const work = async (n: number, { steps, fails }: (typeof works)[number]) => {
            began.push(n);
            inside += 1;
            expect(inside).toBe(1);
            for (let step = 0; step < steps; step += 1) {
              await scheduler.schedule(Promise.resolve(), `step ${step} of ${n}`);
              expect(inside).toBe(1);
            }
            inside -= 1;
            if (fails) throw new Error(`${n} failed`);
            return n;
          };
          const outcomes = Promise.allSettled(
            works.map(async (each, n) => {
              await scheduler.schedule(Promise.resolve(), `${n} comes`);
              came.push(n);
              return turns.run(() => work(n, each));
            }),
          );
          const settled = await scheduler.waitFor(outcomes);
          expect(began).toEqual(came);
          expect(settled.map(({ status }) => status === 'rejected')).toEqual(works.map(({ fails }) => fails));
          expect(turns.take()).toBeUndefined();
        },
      ),
    );
  });
});
