import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WalSync } from './wal-sync.js';

/** A disk that takes as long as the test says, and notes how it was asked. */
function fakeDisk(ms: number) {
  const calls: string[] = [];
  const take = (how: string): void => {
    calls.push(how);
    vi.advanceTimersByTime(ms);
  };
  return {
    calls,
    sync: async () => {
      await Promise.resolve();
      take('thread');
    },
    syncNow: () => take('now'),
  };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const commitOneByOne = async (sync: WalSync, count: number) => {
  for (let n = 0; n < count; n += 1) await sync.durable();
};

it('syncs on the event loop for one who writes alone on a fast disk, and asks again now and then', async () => {
  const disk = fakeDisk(0);
  await commitOneByOne(new WalSync('/dev/null', disk), 4 + 16 + 1 + 16);
  expect(disk.calls.map((how) => how[0]).join('')).toBe(`tttt${'n'.repeat(16)}t${'n'.repeat(16)}`);
});

it('syncs on a thread where the disk is slow', async () => {
  const disk = fakeDisk(1);
  await commitOneByOne(new WalSync('/dev/null', disk), 30);
  expect(new Set(disk.calls)).toEqual(new Set(['thread']));
});

it('syncs on a thread where others commit meanwhile', async () => {
  const disk = fakeDisk(0);
  const sync = new WalSync('/dev/null', disk);
  for (let n = 0; n < 30; n += 1) {
    const first = sync.durable();
    // By now the first sync is under way.
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, sync.durable()]);
  }
  expect(new Set(disk.calls)).toEqual(new Set(['thread']));
});

it('tells of a disk that fails, whichever way it was asked, and from then on', async () => {
  const disk = fakeDisk(0);
  const sync = new WalSync('/dev/null', disk);
  await commitOneByOne(sync, 4);
  disk.syncNow = () => {
    throw new Error('EIO');
  };
  const broken = new WalSync('/dev/null', disk);
  await commitOneByOne(broken, 4);
  await expect(broken.durable()).rejects.toThrow('The disk did not confirm a write');
  await expect(broken.durable()).rejects.toThrow('The disk did not confirm a write');
});
