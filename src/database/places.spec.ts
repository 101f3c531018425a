import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Level } from './level.js';
import { afterCommit, currentName, enter, named, outside, placeIn } from './places.js';
import type { Transaction } from './transaction.js';

const levelOf = () => new Level({ check: () => undefined } as Transaction);

describe('places', () => {
  const one = {} as DataSource;
  const two = {} as DataSource;

  it('name those whom work is for, as long as it runs', async () => {
    expect(currentName()).toBe('a job');
    const name = await named('POST /tasks', async () => {
      await nextTurn();
      return currentName();
    });
    expect(name).toBe('POST /tasks');
    expect(currentName()).toBe('a job');
    const both = await Promise.all(
      ['one', 'two'].map((each) => named(each, () => nextTurn().then(currentName))),
    );
    expect(both).toEqual(['one', 'two']);
  });

  it('keep the name in a transaction and outside of one again', () => {
    named('POST /tasks', () =>
      enter({ dataSource: one }, () => {
        expect(currentName()).toBe('POST /tasks');
        outside(() => expect(currentName()).toBe('POST /tasks'));
        named('a part of it', () => {
          expect(currentName()).toBe('a part of it');
          expect(placeIn(one)).toBeDefined();
        });
      }),
    );
  });

  it('are found by their data source, however they are nested', () => {
    const [outer, inner, innermost] = [levelOf(), levelOf(), levelOf()];
    expect(placeIn(one)).toBeUndefined();
    enter({ dataSource: one, level: outer }, () => {
      enter({ dataSource: two, level: inner }, () => {
        expect([placeIn(one)?.level, placeIn(two)?.level]).toEqual([outer, inner]);
        expect(placeIn(one)?.level).toBe(outer);
        expect(placeIn(two)?.level).toBe(inner);
        enter({ dataSource: one, level: innermost }, () => {
          expect(placeIn(one)?.level).toBe(innermost);
          expect(placeIn(two)?.level).toBe(inner);
        });
      });
      expect(placeIn(two)).toBeUndefined();
    });
    expect(placeIn(one)).toBeUndefined();
  });

  it('are left for work that is outside of all of them, and only for that', async () => {
    await enter({ dataSource: one, level: levelOf() }, () =>
      enter({ dataSource: two, level: levelOf() }, async () => {
        await outside(async () => {
          await nextTurn();
          expect([placeIn(one), placeIn(two)]).toEqual([undefined, undefined]);
        });
        expect(placeIn(one)?.level).toBeDefined();
        expect(placeIn(two)?.level).toBeDefined();
      }),
    );
    outside(() => expect(currentName()).toBe('a job'));
  });
});

describe('afterCommit', () => {
  const one = {} as DataSource;
  const two = {} as DataSource;

  it('calls at once where there is no transaction', () => {
    const callback = vi.fn<() => void>();
    afterCommit(callback);
    expect(callback).toHaveBeenCalledOnce();
    enter({ dataSource: one, direct: {} }, () => afterCommit(callback));
    expect(callback).toHaveBeenCalledTimes(2);
    enter({ dataSource: one, level: levelOf() }, () => outside(() => afterCommit(callback)));
    expect(callback).toHaveBeenCalledTimes(3);
  });

  it('waits for the transaction that runs, the innermost of several', () => {
    const [outer, inner] = [levelOf(), levelOf()];
    const callback = vi.fn<() => void>();
    enter({ dataSource: one, level: outer }, () => {
      enter({ dataSource: two, level: inner }, () => afterCommit(callback));
      enter({ dataSource: two, direct: {} }, () => named('x', () => afterCommit(callback)));
    });
    expect(callback).not.toHaveBeenCalled();
    expect([outer.callbacks, inner.callbacks]).toEqual([[callback], [callback]]);
  });

  it('refuses where the transaction has ended', () => {
    const level = levelOf();
    level.end();
    enter({ dataSource: one, level }, () => {
      expect(() => afterCommit(() => undefined)).toThrow('The transaction has ended');
    });
    expect(level.callbacks).toEqual([]);
  });
});
