import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** All processes that were started here and still run. */
const running = new Set();

/**
 * Starts a process in a group of its own, so that its workers end with it, and a Ctrl-C reaches only the instrument.
 * Whatever still runs when the instrument ends is killed.
 */
export function startProcess(file, args, options) {
  const child = spawn(file, args, { ...options, detached: true });
  running.add(child);
  // A program that is not there is told by whoever waits for its exit.
  child.once('error', () => running.delete(child));
  return child;
}

/** Asks a process to end, and makes it end after a while. Resolves when it and its workers are gone. */
export async function endProcess(child, { signal = 'SIGTERM', limitMs = 15_000 } = {}) {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    const limit = setTimeout(() => killGroup(child), limitMs);
    await exit;
    clearTimeout(limit);
  }
  killGroup(child);
  running.delete(child);
}

/** Runs a program to its end. Resolves to what it has written to its standard output. */
export async function runToEnd(file, args) {
  const child = startProcess(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code, signal] = await once(child, 'close');
  running.delete(child);
  if (code !== 0) throw new Error(`${file} ended with ${signal ?? `code ${code}`}`);
  return Buffer.concat(chunks).toString();
}

/** Ends the instrument on a signal in an orderly way: what is to be done at its exit is done. */
export function exitOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

process.once('exit', () => running.forEach(killGroup));

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
