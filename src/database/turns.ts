/** Lets one at a time through, in the order in which they come. */
export class Turns {
  private busy = false;
  private readonly waiting: (() => void)[] = [];

  /** Settles as `work` does, which begins when those before it have ended. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy = true;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // It stays busy for the next one: somebody who comes before that one runs would overtake it.
      if (next) next();
      else this.busy = false;
    }
  }
}
