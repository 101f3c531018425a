import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from '../errors.js';

const LIMIT_MS = 60_000;

/** Other processes may be starting on the same file, and some of what they do answers "busy" at once. */
export async function whileBusy<T>(work: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
      await delay(10 + Math.random() * 40);
    }
  }
}
