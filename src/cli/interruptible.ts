import { CommandError } from './command-error.js';

/** What a shell takes for the end by Ctrl-C: 128 and the number of SIGINT. */
const EXIT_CODE = 130;

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts, so that it can put away what it has half done. A second
 * Ctrl-C does not wait for that.
 *
 * @param unchanged what is as it was then
 * @throws CommandError where it was aborted
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  unchanged = 'nothing was changed',
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    // Any other failure may have come from elsewhere, and later.
    if ((error as Error).name !== 'AbortError') throw error;
    throw new CommandError(`Interrupted: ${unchanged}.`, EXIT_CODE);
  } finally {
    process.removeListener('SIGINT', abort).removeListener('SIGTERM', abort);
  }
}
