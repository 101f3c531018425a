import { withTimeLimit } from './time-limit.js';

/** Lets one at a time through, in the order in which they come. */
export class Turns {
  private busy = false;
  private readonly waiting: (() => void)[] = [];

  /** Takes the turn. Nothing is to be waited for where nobody has it. */
  take(): Promise<void> | undefined {
    if (this.busy) return new Promise((resolve) => this.waiting.push(resolve));
    this.busy = true;
    return undefined;
  }

  /** Passes the turn on. It stays taken for the next one: somebody who comes before that one runs would overtake it. */
  pass(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.busy = false;
  }

  /** The same, but no longer than until then. @throws what `onTimeout` makes */
  async takeWithin(limitMs: number, onTimeout: () => Error): Promise<void> {
    const turn = this.take();
    if (!turn) return;
    try {
      await withTimeLimit(turn, limitMs, onTimeout);
    } catch (error) {
      // It is its turn some day all the same.
      void turn.then(() => this.pass());
      throw error;
    }
  }

  /** Settles as `work` does, which begins when those before it have ended. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.pass();
    }
  }
}
