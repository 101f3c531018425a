import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { EntityMetadata, ObjectLiteral, Repository } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { DatabaseUnavailableError } from '../errors.js';
import { outside } from '../places.js';
import type { SessionDataSource } from '../session-data-source.js';
import type { CompiledStatement } from './compiled-statement.js';
import { RowSql } from './row-sql.js';

/** How soon one who waits for the position looks again. */
const LOOK_MS = 5;

/** A transaction that is writing. */
interface Writer {
  readonly id: string;
  /** The server's; none of a transaction that is prepared (PREPARE TRANSACTION). */
  readonly process: number | null;
  /** Of this application, in whatever process. */
  readonly own: boolean;
}

/** An id up to which all were taken, and who was writing when it was seen. */
interface Candidate {
  readonly upTo: number;
  readonly seenAt: number;
  /** How far behind the position was then, in milliseconds. */
  readonly behindMs: number;
  writers: readonly Writer[];
  /** Whether it was told that others are not waited for any more. */
  warned?: boolean;
}

/** What `RowSql.look` answers. */
interface Look {
  readonly newest: number | null;
  readonly unbroken: number | null;
  readonly writers: readonly Writer[] | null;
  /** The rest is PostgreSQL's. */
  readonly standby?: boolean;
  readonly lsn?: number;
}

const positions = new WeakMap<EntityMetadata, SettledPosition>();

/**
 * The id up to which all rows of an entity are there that ever will be. Who takes rows by id up to it misses none.
 *
 * On SQLite ids rise in the order of commits, and it is the newest id. On PostgreSQL a transaction may commit a smaller
 * id than others have before it. Whoever inserts holds a lock on the table from before it takes an id until what it has
 * written is to be seen (PostgreSQL's manual, 13.3.1). So all up to the newest id are settled once those have ended who
 * held that lock after this id was seen, or where no id is missing (docs/adr/0022-one-settled-position.md).
 */
export class SettledPosition {
  /** The one of an entity, which all share. */
  static of<Entity extends ObjectLiteral>(repository: Repository<Entity>): SettledPosition {
    const { metadata } = repository;
    const position = positions.get(metadata) ?? new SettledPosition(repository);
    positions.set(metadata, position);
    return position;
  }

  private readonly logger = new Logger(SettledPosition.name);
  private readonly statement: CompiledStatement;
  /** Whether ids commit in their order. */
  private readonly ordered: boolean;
  private readonly patienceMs: number;
  private settled = 0;
  /** How far the write-ahead log was written when it was found. A standby that has not replayed it may lack rows. */
  private lsn = 0;
  private standby?: { readonly position: number };
  private newest = 0;
  /** When all was settled that was there. */
  private settledAt = -Infinity;
  private candidate?: Candidate;
  private looking: Promise<void> = Promise.resolve();
  private nextLook?: Promise<void>;

  private constructor(private readonly repository: Repository<ObjectLiteral>) {
    const { metadata, target, manager } = repository;
    const dataSource = manager.dataSource as SessionDataSource;
    // By then PostgreSQL has ended what a process that hangs has left open (postgres/driver.ts). Our own transactions are
    // waited for as long as they take, such as a commit that waits for a stand-by.
    this.patienceMs = 2 * dataSource.options.writeLimitMs + 1_000;
    const writers = dialectOf(dataSource).writersOf?.(metadata.tableName);
    this.ordered = writers === undefined;
    this.statement = new RowSql(target, dataSource).look(writers);
  }

  /** Whether a standby was looked at last: the position is then one up to which it has the rows. */
  get isOfStandby(): boolean {
    return this.standby !== undefined;
  }

  /** The position now, which may be behind rows that are there as long as somebody writes. */
  async now(): Promise<number> {
    await this.look();
    return this.position;
  }

  /**
   * A position for one answer. Where somebody is writing it waits for them a little: no longer than the position was
   * behind, so that one that nobody has asked for in a while is not that old.
   */
  async forAnswer(): Promise<number> {
    await this.look();
    const { candidate } = this;
    if (candidate && !this.standby) {
      const end = candidate.seenAt + Math.min(candidate.behindMs, this.patienceMs + LOOK_MS);
      await this.lookUntil(() => this.candidate !== candidate || this.isOfStandby, end);
    }
    return this.position;
  }

  /**
   * The newest id there is, once it is settled. What comes from then on is new.
   *
   * @throws DatabaseUnavailableError where there is only a standby, which cannot tell
   */
  async ofNewest(): Promise<number> {
    await this.look();
    const { newest } = this;
    // It may be deleted meanwhile.
    await this.lookUntil(() => this.isOfStandby || this.settled >= Math.min(newest, this.newest));
    if (this.standby) throw new DatabaseUnavailableError('A standby does not tell which rows are new.');
    return Math.min(this.settled, newest);
  }

  private get position(): number {
    return this.standby?.position ?? this.settled;
  }

  private async lookUntil(done: () => boolean, end = Infinity): Promise<void> {
    while (!done() && performance.now() + LOOK_MS <= end) {
      await delay(LOOK_MS);
      await this.look();
    }
  }

  /** Looks once more. Those who come while one is under way share the next: that one sees what they have committed. */
  private look(): Promise<void> {
    this.nextLook ??= this.looking
      .catch(() => undefined)
      .then(() => {
        this.nextLook = undefined;
        return (this.looking = this.lookNow());
      });
    return this.nextLook;
  }

  private async lookNow(): Promise<void> {
    const { manager } = this.repository;
    const at = performance.now();
    // Not in the transaction of whoever asks first, which sees its own rows.
    const values = this.ordered ? [] : [this.settled];
    const [row] = await outside(() => this.statement.rows(manager, values));
    const { newest, unbroken, writers, standby = false, lsn = 0 } = (row ?? {}) as Partial<Look>;
    if (standby) return this.settleOnStandby(unbroken ?? 0, lsn);
    this.standby = undefined;
    this.lsn = lsn;
    this.newest = newest ?? 0;
    this.settle(unbroken ?? 0, writers ?? [], at);
  }

  /** Its pg_locks has none of the primary's writers, so that only rows themselves tell that they are all there. */
  private settleOnStandby(unbroken: number, lsn: number): void {
    if (lsn < this.lsn) {
      this.standby = { position: 0 };
      return;
    }
    this.lsn = lsn;
    this.settled = Math.max(this.settled, unbroken);
    this.standby = { position: this.settled };
  }

  private settle(unbroken: number, writers: readonly Writer[], at: number): void {
    const { candidate, newest } = this;
    this.settled = Math.max(this.settled, unbroken);
    if (candidate) {
      candidate.writers = this.leftOf(candidate, writers, at);
      if (candidate.writers.length === 0) this.reach(candidate.upTo, candidate.seenAt);
    }
    if (writers.length === 0) this.reach(newest, at);
    // The newest rows may be deleted since, or the database be another.
    this.settled = Math.min(this.settled, newest);
    if (this.settled === newest) this.reach(newest, at);
    if (candidate && candidate.writers.length > 0 && candidate.upTo > this.settled) return;
    const behindMs = at - this.settledAt;
    this.candidate = this.settled < newest ? { upTo: newest, seenAt: at, behindMs, writers } : undefined;
  }

  private reach(id: number, at: number): void {
    this.settled = Math.max(this.settled, id);
    this.settledAt = Math.max(this.settledAt, at);
  }

  /** Who is still writing of those who were. */
  private leftOf(candidate: Candidate, now: readonly Writer[], at: number): readonly Writer[] {
    const { writers, upTo, seenAt } = candidate;
    const ids = new Set(writers.map(({ id }) => id));
    // What is prepared goes on under another name.
    const left = now.filter(({ id, process }) => ids.has(id) || process === null);
    if (at - seenAt < this.patienceMs) return left;
    const [own, others] = [left.filter((one) => one.own), left.filter((one) => !one.own)];
    // While one of our own goes on, it comes here at each look, and what is prepared is there each time.
    if (others.length > 0 && !candidate.warned) {
      candidate.warned = true;
      const who = others.map(({ id, process }) => `${id} of process ${process ?? 'none'}`).join(', ');
      this.logger.warn(
        `Transactions of another program have been writing into ${this.repository.metadata.tableName} for over ` +
          `${this.patienceMs} ms (${who}): rows up to the id ${upTo} that they commit later may be passed over.`,
      );
    }
    return own;
  }
}
