import type { Repository } from 'typeorm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InsertBatcher } from './insert-batcher.js';
import type { Sessions } from './sessions.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Units that run when the test says so. */
function batcherWith(insert: (rows: object[]) => Promise<unknown>) {
  const waiting: (() => Promise<void>)[] = [];
  const unitOfWork = {
    run: (work: () => Promise<unknown>) =>
      new Promise((resolve, reject) => waiting.push(() => work().then(resolve, reject))),
  } as unknown as UnitOfWork;
  const sessions = { run: (_id: string, _name: string, work: () => unknown) => work() } as Sessions;
  const repository = { insert } as unknown as Repository<object>;
  return { batcher: new InsertBatcher<object>('a test', repository, sessions, unitOfWork), waiting };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

it('takes rows until its unit begins, and no more when it is run again', async () => {
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
  vi.setSystemTime(Date.now() + 49);
  done.push(batcher.insert({ n: 2 }));
  expect(waiting).toHaveLength(1);
  vi.setSystemTime(Date.now() + 1);
  done.push(batcher.insert({ n: 3 }));
  expect(waiting).toHaveLength(2);
  for (const run of waiting) await run();
  await Promise.all(done);
});
