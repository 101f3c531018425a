import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.mjs';

/** What the figures depend on, and nothing that says whose machine it is. */
export function describeMachine(folder) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    architecture: arch(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    diskSyncMs: round(diskSyncMs(folder)),
    loadAverage: round(loadavg()[0]),
  };
}

/** The median time of an fdatasync after 4 KiB appended: what a commit waits for. */
function diskSyncMs(folder) {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: 100 }, () => {
    writeSync(file, page);
    const begin = performance.now();
    fdatasyncSync(file);
    return performance.now() - begin;
  });
  closeSync(file);
  return median(times);
}

function round(number) {
  return Math.round(number * 100) / 100;
}
