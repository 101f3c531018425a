import type { Transaction } from './transaction.js';

/** A transaction's outermost level, or a nested one of it: what fails in it, and what waits for its end. */
export class Level {
  readonly callbacks: (() => unknown)[] = [];
  /** The nested one that is open: all that runs here is in it. */
  private inner?: Level;
  private open = 0;
  private ended = false;
  private failure?: { readonly error: unknown };

  constructor(
    readonly transaction: Transaction,
    private readonly outer?: Level,
  ) {}

  get innermost(): Level {
    return this.inner?.innermost ?? this;
  }

  /** Whether it is this level, or one nested in it. */
  isIn(other: Level): boolean {
    return this === other || (this.outer?.isIn(other) ?? false);
  }

  /** Has `callback` called when the transaction is durable, unless this level fails. */
  afterCommit(callback: () => unknown): void {
    const { innermost } = this;
    innermost.check();
    innermost.callbacks.push(callback);
  }

  /** Something begins that the level must not end before. @throws as check() does */
  enter(): void {
    this.check();
    this.open += 1;
  }

  /** It has ended. */
  leave(): void {
    this.open -= 1;
  }

  /** Has the level fail, whoever catches the error. */
  fail(error: unknown): void {
    this.failure ??= { error };
  }

  /** @throws Error where nothing may run here any more */
  check(): void {
    this.transaction.check();
    if (this.failure) throw this.failure.error;
    if (this.ended) throw new Error('The transaction has ended: await everything inside it.');
    this.outer?.check();
  }

  /** Begins a nested one. */
  async begin<T>(savepoint: () => Promise<T>): Promise<T> {
    const result = await savepoint();
    this.inner = new Level(this.transaction, this);
    return result;
  }

  /** Ends a nested one. What waits for its end waits for the outer one's from here on. @throws why it has failed */
  async commit<T>(release: () => Promise<T>): Promise<T> {
    this.end();
    const result = await release();
    this.outer?.callbacks.push(...this.callbacks);
    this.close();
    return result;
  }

  /** Undoes a nested one. */
  async rollback<T>(rollBack: () => Promise<T>): Promise<T> {
    this.ended = true;
    // A statement that nobody awaited would run outside the savepoint.
    await this.transaction.quiet();
    const result = await rollBack();
    this.close();
    return result;
  }

  /** Refuses what still comes. @throws why the level has failed */
  end(): void {
    this.ended = true;
    this.refuseOpen();
    if (this.failure) throw this.failure.error;
  }

  /** Has the level fail where something of it is under way. */
  refuseOpen(): void {
    if (this.open === 0) return;
    this.failure ??= {
      error: new Error('A transaction ended before one of its statements: await all of them.'),
    };
  }

  private close(): void {
    if (this.outer) this.outer.inner = undefined;
  }
}
