import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityManager, ObjectLiteral, Repository } from 'typeorm';
import type { SessionDataSource } from '../session-data-source.js';
import type { CompiledStatement } from './compiled-statement.js';
import { type FilterColumns, FilterSql } from './filter-sql.js';
import { JsonSql, type Members } from './json-sql.js';
import { RowSql } from './row-sql.js';
import { SettledPosition } from './settled-position.js';

/** What one statement looks at, so that none takes long, however few rows fit and however large they are. */
const MAX_ROWS = 5_000;
const MAX_BYTES = 1_048_576;

/** A time with fewer rows than this is looked up in the index; in a longer one the rows are gone through. */
const FEW_ROWS = 20_000;

/** Which rows to find. What is null or not there does not matter. */
export interface RowFilter {
  /** The id before the first that counts. */
  readonly after?: number | null;
  /** The last id that counts. */
  readonly upTo?: number;
  /** Only rows before which none can come any more, so that who goes on after the last one misses nothing. */
  readonly settled?: boolean;
  /** The earliest time. */
  readonly since?: string | null;
  /** The time before which it must be. */
  readonly until?: string | null;
  /** A part of the text, in which A to Z are as a to z, and no other character has a case. */
  readonly text?: string | null;
  /** How many rows at most. */
  readonly limit?: number | null;
}

/**
 * Finds rows of one entity, as lines of JSON text that the database makes, by id.
 *
 * A statement looks at a part of the table only: on SQLite it holds up everybody in the process, and on PostgreSQL it
 * has a time limit.
 */
export class JsonSearch<Entity extends ObjectLiteral> {
  /** A text with A to Z as a to z, as both engines compare it. */
  static inLowerCase(text: string): string {
    return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  }

  private readonly window: CompiledStatement;
  private readonly matches: CompiledStatement;
  private readonly between: CompiledStatement;
  private readonly before: CompiledStatement;
  private readonly newest: CompiledStatement;
  private readonly position: SettledPosition;

  constructor(
    private readonly repository: Repository<Entity>,
    members: Members<Entity>,
    columns: FilterColumns<Entity>,
  ) {
    const { target, manager } = repository;
    const { dataSource } = manager;
    const rows = new RowSql(target, dataSource);
    this.window = rows.window(MAX_ROWS, MAX_BYTES);
    this.newest = rows.newest();
    this.position = SettledPosition.of(repository);
    const filter = new FilterSql(target, columns, dataSource);
    this.matches = new JsonSql(dataSource).lines(target, members, filter.first);
    this.between = filter.between(FEW_ROWS);
    this.before = filter.beforeNewest();
  }

  /** The rows that fit, of those that there are now. Each part ends with a line's end; there may be none. */
  async *lines(filter: RowFilter): AsyncGenerator<string, void> {
    const { manager } = this.repository;
    const { after } = filter;
    const fits = [...timesOf(filter), textOf(filter)];
    const { engine } = manager.dataSource as SessionDataSource;
    const standbyReads = engine.standbyReads;
    let [last, end] = await this.bounds(manager, filter);
    const mustBePrimary = filter.settled && !this.position.isOfStandby;
    last = Math.max(last, after ?? 0);
    end = Math.min(end, filter.upTo ?? Infinity);
    for (let left = filter.limit ?? Infinity; left > 0 && last < end;) {
      const [window] = await this.window.rows(manager, [last, end]);
      const next = (window?.last as number | null | undefined) ?? end;
      const [found] = await this.matches.rows(manager, [last, next, ...fits, Math.min(left, MAX_ROWS)]);
      // They may be of a standby that lacks some up to a position that the primary has told.
      if (mustBePrimary && engine.standbyReads > standbyReads) return;
      const count = Number(found?.count);
      if (count > 0) yield `${found?.json as string}\n`;
      left -= count;
      last = next;
      // Where nothing fits nobody else would have a turn.
      await nextTurn();
    }
  }

  /**
   * The id after which there are just so many of the newest rows that fit, or 0. It is one statement, which takes long
   * in a large table: for commands, and not for the service.
   */
  async beforeNewest(count: number, filter: RowFilter): Promise<number> {
    const { after, upTo } = filter;
    const ids = [after ?? 0, upTo ?? Number.MAX_SAFE_INTEGER];
    const values = [...ids, ...timesOf(filter), textOf(filter), count];
    const [row] = await this.before.rows(this.repository.manager, values);
    return (row?.last as number | undefined) ?? 0;
  }

  /** The ids between which all rows are that can fit: the one before the first, and the last. */
  private async bounds(
    manager: EntityManager,
    { since, until, settled = false }: RowFilter,
  ): Promise<[number, number]> {
    const newest = settled ? await this.position.forAnswer() : await this.newestId(manager);
    const all: [number, number] = [0, newest];
    if (since == null && until == null) return all;
    const [found] = await this.between.rows(manager, timesOf({ since, until }));
    const { first, last, count } = found as {
      first: number | null;
      last: number | null;
      count: number | string;
    };
    if (Number(count) >= FEW_ROWS) return all;
    return [(first ?? 1) - 1, Math.min(last ?? 0, newest)];
  }

  private async newestId(manager: EntityManager): Promise<number> {
    const [newest] = await this.newest.rows(manager, []);
    return (newest?.last as number | undefined) ?? 0;
  }
}

/** The first and the last time that fit. */
function timesOf({ since, until }: RowFilter): [string, string] {
  const before = until == null ? '9999-12-31T23:59:59.999Z' : new Date(Date.parse(until) - 1).toISOString();
  return [since ?? '', before];
}

function textOf({ text }: RowFilter): string {
  return JsonSearch.inLowerCase(text ?? '');
}
