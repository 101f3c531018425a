import { Level } from './level.js';
import type { Transaction } from './transaction.js';

const ENDED = 'The transaction has ended: await everything inside it.';
const UNFINISHED = 'A transaction ended before one of its statements: await all of them.';

describe('Level', () => {
  let log: string[];
  let transaction: { check(): void; quiet(): Promise<void> };
  let root: Level;
  beforeEach(() => {
    log = [];
    transaction = { check: () => undefined, quiet: async () => void log.push('quiet') };
    root = new Level(transaction as Transaction);
  });

  const statement = (name: string) => async () => {
    log.push(name);
    return name;
  };
  const nested = async () => {
    await root.begin(statement('begin'));
    return root.innermost;
  };

  it('is the innermost, until a nested one begins', async () => {
    expect(root.innermost).toBe(root);
    const inner = await nested();
    expect(inner).not.toBe(root);
    await inner.begin(statement('begin'));
    expect(root.innermost).toBe(inner.innermost);
    expect(inner.innermost).not.toBe(inner);
  });

  it('is the innermost again when the nested one has ended, either way', async () => {
    expect(await (await nested()).commit(statement('release'))).toBe('release');
    expect(root.innermost).toBe(root);
    expect(await (await nested()).rollback(statement('roll back'))).toBe('roll back');
    expect(root.innermost).toBe(root);
    expect(log).toEqual(['begin', 'release', 'begin', 'quiet', 'roll back']);
  });

  it('has no nested one where that could not begin, and keeps one that could not end', async () => {
    await expect(root.begin(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(root.innermost).toBe(root);
    const inner = await nested();
    await expect(inner.rollback(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(root.innermost).toBe(inner);
  });

  it('lets nothing run after it has ended', async () => {
    const inner = await nested();
    root.end();
    expect(() => root.check()).toThrow(ENDED);
    expect(() => root.enter()).toThrow(ENDED);
    expect(() => root.afterCommit(() => undefined)).toThrow(ENDED);
    expect(() => inner.check()).toThrow(ENDED);
  });

  it('lets nothing run where the transaction lets nothing', () => {
    transaction.check = () => {
      throw new Error('over');
    };
    expect(() => root.enter()).toThrow('over');
  });

  it('does not end while something runs that nobody awaits', () => {
    root.enter();
    expect(() => root.end()).toThrow(UNFINISHED);
    const other = new Level(transaction as Transaction);
    other.enter();
    other.leave();
    expect(() => other.end()).not.toThrow();
  });

  it('fails with its first error, whoever catches it', () => {
    root.fail(new Error('first'));
    root.fail(new Error('second'));
    expect(() => root.check()).toThrow('first');
    expect(() => root.end()).toThrow('first');
  });

  it('fails where its error is nothing', () => {
    root.fail(undefined);
    let isThrown = false;
    try {
      root.end();
    } catch (error) {
      isThrown = true;
      expect(error).toBeUndefined();
    }
    expect(isThrown).toBe(true);
  });

  it('fails without the one around it', async () => {
    const inner = await nested();
    inner.fail(new Error('no'));
    await expect(inner.commit(statement('release'))).rejects.toThrow('no');
    await inner.rollback(statement('roll back'));
    expect(log).toEqual(['begin', 'quiet', 'roll back']);
    expect(() => root.end()).not.toThrow();
  });

  it('hands what waits for the commit to the one around it, and not where it is undone', async () => {
    const callbacks = ['a', 'b', 'c', 'd'].map((name) => () => name);
    root.afterCommit(callbacks[0]!);
    const inner = await nested();
    // Whoever asks in the outer one meanwhile is in the nested one.
    root.afterCommit(callbacks[1]!);
    expect(root.callbacks).toEqual([callbacks[0]]);
    await inner.commit(statement('release'));
    expect(root.callbacks).toEqual([callbacks[0], callbacks[1]]);
    const undone = await nested();
    undone.afterCommit(callbacks[2]!);
    await undone.rollback(statement('roll back'));
    root.afterCommit(callbacks[3]!);
    expect(root.callbacks).toEqual([callbacks[0], callbacks[1], callbacks[3]]);
  });
});
