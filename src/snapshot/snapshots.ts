import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { openSnapshot } from './open-snapshot.js';

/** There is no snapshot to read. */
export class SnapshotOffError extends Error {
  override readonly name = 'SnapshotOffError';
}

/** A snapshot in memory, and how many read it just now. */
interface Snapshot {
  readonly dataSource: DataSource;
  readers: number;
  /** Called when the last of them has gone, once it is to be closed. */
  onUnused?: () => void;
}

/**
 * The snapshot in memory, which is replaced by the next between two requests.
 *
 * Whoever began to read on the old one ends on it; then it is closed.
 */
export class Snapshots {
  private readonly logger = new Logger(Snapshots.name);
  private readonly pinned = new AsyncLocalStorage<Snapshot>();
  private readonly listeners = new Set<() => void>();
  private readonly preparations = new Set<(manager: EntityManager) => Promise<unknown>>();
  private newest?: Snapshot;
  private loading = Promise.resolve();
  private next?: Promise<void>;
  private closed = false;

  constructor(readonly file: string) {}

  /** Whether there is something to read. */
  get isOn(): boolean {
    return this.newest !== undefined;
  }

  /** The manager of the snapshot that the code that runs now reads. @throws SnapshotOffError */
  get manager(): EntityManager {
    return this.current.dataSource.manager;
  }

  /** Runs `work` on one snapshot from its beginning to its end. @throws SnapshotOffError where there is none */
  async read<T>(work: () => Promise<T>): Promise<T> {
    const snapshot = this.current;
    snapshot.readers += 1;
    try {
      return await this.pinned.run(snapshot, work);
    } finally {
      snapshot.readers -= 1;
      if (snapshot.readers === 0) snapshot.onUnused?.();
    }
  }

  /** Calls back with each snapshot before it is read. One for which that fails is not used. Answers how to end that. */
  beforeSwap(prepare: (manager: EntityManager) => Promise<unknown>): () => void {
    this.preparations.add(prepare);
    return () => this.preparations.delete(prepare);
  }

  /** Calls back after each swap, when reads go to the new snapshot. Answers how to end that. */
  onSwap(callback: () => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  /**
   * Loads the file and swaps. A file that cannot be used is told in the log and changes nothing. Never throws, and
   * does nothing after `close`.
   */
  load(): Promise<void> {
    // What is under way may have read the file before it changed: callers share the one after it.
    this.next ??= this.loading.then(() => {
      this.next = undefined;
      return (this.loading = this.closed ? Promise.resolve() : this.swap());
    });
    return this.next;
  }

  /** Closes the snapshot, after the last who reads it. At most the load that is under way is waited for. */
  async close(): Promise<void> {
    this.closed = true;
    await (this.next ?? this.loading);
    const last = this.newest;
    this.newest = undefined;
    if (last) await retire(last);
  }

  private get current(): Snapshot {
    const snapshot = this.pinned.getStore() ?? this.newest;
    if (!snapshot) throw new SnapshotOffError(`There is no snapshot of ${this.file}.`);
    return snapshot;
  }

  private async swap(): Promise<void> {
    try {
      const dataSource = await this.open();
      const old = this.newest;
      this.newest = { dataSource, readers: 0 };
      for (const callback of this.listeners) callback();
      if (!old) return;
      this.logger.log(`Search answers from the new ${this.file}`);
      // Before the next may be loaded: there are never more than two.
      await retire(old);
    } catch (error) {
      this.logger.warn(this.explain(error));
    }
  }

  private async open(): Promise<DataSource> {
    const dataSource = await openSnapshot(this.file);
    try {
      for (const prepare of this.preparations) await prepare(dataSource.manager);
      return dataSource;
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  }

  private explain(error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    return this.newest
      ? `Search goes on with the old snapshot. ${reason}`
      : `Search is off. ${reason} Build it with "npm run docs:build -- <source> --out ${this.file}", or set SEARCH_FILE.`;
  }
}

async function retire(snapshot: Snapshot): Promise<void> {
  // A call that began in this turn outside of read() ends in it, as nothing in it waits but for promises.
  await nextTurn();
  if (snapshot.readers > 0) await new Promise<void>((resolve) => (snapshot.onUnused = resolve));
  await snapshot.dataSource.destroy();
}
