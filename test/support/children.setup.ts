import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** The processes that the tests of this file have started, and that run. */
const running = new Set<ChildProcess>();

const remember = (message: unknown): void => {
  const { process: child } = message as { process: ChildProcess };
  running.add(child);
  child.once('exit', () => running.delete(child));
};

subscribe('child_process', remember);

// A test that times out cannot end what it has started.
afterAll(() => {
  unsubscribe('child_process', remember);
  for (const child of running) {
    child.kill('SIGKILL');
    // Those that it has started itself, where it is the first of a group.
    if (child.pid) killGroup(child.pid);
  }
});

function killGroup(id: number): void {
  try {
    process.kill(-id, 'SIGKILL');
  } catch {
    // It is in the group of the tests.
  }
}
