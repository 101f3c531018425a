import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectLiteral, Repository } from 'typeorm';
import { dialectOf } from '../dialect.js';
import type { SessionDataSource } from '../session-data-source.js';
import { CompiledStatement } from './compiled-statement.js';
import { RowSql } from './row-sql.js';

/** What is read at a time. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 262_144;

/** How often the start asks whether those who write have ended. */
const START_POLL_MS = 10;

/** Ids that are not there and may still come, and who was writing when they were missed. */
interface Gap {
  /** The largest id that was there. */
  readonly upTo: number;
  readonly seenAt: number;
  writers: ReadonlySet<string>;
}

/**
 * Gives the rows of an entity as they come, by id: none twice and none left out, whoever writes them.
 *
 * On SQLite ids rise in the order of commits. On PostgreSQL a transaction may commit a smaller id than others have
 * before it. So where an id is missing, nothing after it is given until nobody can bring it any more: all who were
 * writing into the table when it was missed have ended. Whoever inserts holds a lock on the table from before it
 * takes an id until what it has written is to be seen (PostgreSQL's manual, 13.3.1), so pg_locks tells who they are.
 */
export class NewRows<Entity extends ObjectLiteral & { id: number }> {
  /** How soon rows of other processes are seen by who asks again and again. */
  static readonly POLL_MS = 200;

  private readonly after: CompiledStatement;
  private readonly newest: CompiledStatement;
  private readonly writing?: CompiledStatement;
  private readonly patienceMs: number;
  private last = 0;
  /** Up to here no id comes any more. */
  private settled = 0;
  private gap?: Gap;

  constructor(private readonly repository: Repository<Entity>) {
    const { target } = repository;
    const dataSource = repository.manager.dataSource as SessionDataSource;
    // PostgreSQL ends whatever is left of a transaction by then: see createPool() in postgres/driver.ts.
    this.patienceMs = 2 * dataSource.options.writeLimitMs + 1_000;
    const rows = new RowSql(target, dataSource);
    this.after = rows.rowsAfter(MAX_ROWS, MAX_BYTES);
    this.newest = rows.newest();
    const writers = dialectOf(dataSource).writersOf?.(repository.metadata.tableName);
    if (writers !== undefined) this.writing = new CompiledStatement(writers);
  }

  /** The id of the last row that was given, or was there at the start. */
  get position(): number {
    return this.last;
  }

  /** Begins after the rows that are there now. */
  async start(): Promise<void> {
    const [newest] = await this.newest.rows(this.repository.manager, []);
    this.last = (newest?.last as number | undefined) ?? 0;
    this.settled = 0;
    this.gap = undefined;
    // What commits from now on is new. A smaller id that comes meanwhile is not.
    if (this.last > 0) while (!(await this.isSettled(this.last))) await delay(START_POLL_MS);
  }

  /** The next rows, or none where there are none yet. */
  async next(): Promise<Entity[]> {
    for (;;) {
      const rows = await this.rowsAfter(this.last);
      const end = this.writing ? rows.findIndex(({ id }, n) => this.mayLack(rows[n - 1]?.id, id)) : -1;
      const ready = end < 0 ? rows : rows.slice(0, end);
      this.last = ready.at(-1)?.id ?? this.last;
      const newest = rows.at(-1);
      if (ready.length > 0 || !newest || !(await this.isSettled(newest.id))) return ready;
    }
  }

  /** Some rows after an id, as far as they were given already. */
  async given(after: number): Promise<Entity[]> {
    const { last } = this;
    return (await this.rowsAfter(after)).filter(({ id }) => id <= last);
  }

  /** Whether something may still come between two rows that are next to each other now. */
  private mayLack(before: number | undefined, id: number): boolean {
    return id > this.settled && id !== (before ?? this.last) + 1;
  }

  private async rowsAfter(id: number): Promise<Entity[]> {
    const rows = await this.after.rows(this.repository.manager, [id]);
    return rows as unknown as Entity[];
  }

  /** Whether no id up to this one comes any more: all have ended who were writing when it was first seen. */
  private async isSettled(id: number): Promise<boolean> {
    if (!this.writing) return true;
    const rows = await this.writing.rows(this.repository.manager, []);
    const writers = new Set(rows.map(({ writer }) => writer as string));
    if (this.gap && this.gap.upTo > this.settled) {
      this.gap.writers = this.gap.writers.intersection(writers);
    } else {
      this.gap = { upTo: id, seenAt: Date.now(), writers };
    }
    if (this.gap.writers.size > 0 && Date.now() - this.gap.seenAt < this.patienceMs) return false;
    this.settled = this.gap.upTo;
    return true;
  }
}
