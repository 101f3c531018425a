import type { Repository } from 'typeorm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InsertBatcher } from './insert-batcher.js';

/** Statements that run when the test says so. */
function batcherWith(insert: (rows: object[]) => Promise<unknown>) {
  const waiting: (() => Promise<void>)[] = [];
  const own = { insert: (_target: unknown, rows: object[]) => insert(rows) };
  const engine = {
    statement: (work: (manager: typeof own) => Promise<unknown>) =>
      new Promise((resolve, reject) => waiting.push(() => work(own).then(resolve, reject))),
  };
  const repository = { target: 'things', manager: { dataSource: { engine, subscribers: [] } } };
  return { batcher: new InsertBatcher<object>(repository as unknown as Repository<object>), waiting };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('takes rows until its turn comes, and no more when it is run again', async () => {
  const batches: object[][] = [];
  const { batcher, waiting } = batcherWith(async (rows) => batches.push(rows));
  const done = [batcher.insert({ n: 1 }), batcher.insert({ n: 2 })];
  expect(waiting).toHaveLength(1);
  const first = waiting[0]!();
  done.push(batcher.insert({ n: 3 }));
  await first;
  await waiting[0]!();
  await waiting[1]!();
  await Promise.all(done);
  expect(batches).toEqual([[{ n: 1 }, { n: 2 }], [{ n: 1 }, { n: 2 }], [{ n: 3 }]]);
});

it('takes none that would be given up for what the first has waited', async () => {
  const { batcher, waiting } = batcherWith(async () => undefined);
  const done = [batcher.insert({ n: 1 })];
  vi.advanceTimersByTime(49);
  done.push(batcher.insert({ n: 2 }));
  expect(waiting).toHaveLength(1);
  vi.advanceTimersByTime(1);
  done.push(batcher.insert({ n: 3 }));
  expect(waiting).toHaveLength(2);
  for (const run of waiting) await run();
  await Promise.all(done);
});
