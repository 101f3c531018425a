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
