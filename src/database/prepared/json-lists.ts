import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Sessions } from '../sessions.js';
import type { CompiledStatement } from './compiled-statement.js';
import { JsonSql, type Members } from './json-sql.js';

/** What one JSON list holds at most, so that memory does not grow with the table or with what people write. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 1_048_576;

/** What JsonSql's statements answer. PostgreSQL gives counts and sums as text, as they may be larger than a number. */
interface Page {
  readonly json: string;
  readonly count: number | string;
  readonly last: number;
}

/**
 * Lists of one entity as JSON text that the database makes, by id.
 *
 * A row that passes through JavaScript on its way into JSON costs some four times as much
 * (docs/adr/0010-prepared-statements.md).
 */
export class JsonLists<Entity extends ObjectLiteral> {
  private readonly sql: JsonSql;
  private readonly page: CompiledStatement;
  private readonly newest: CompiledStatement;
  private readonly nth: CompiledStatement;

  constructor(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    private readonly sessions: Sessions,
    dataSource: DataSource,
  ) {
    const sql = (this.sql = new JsonSql(dataSource));
    const parameter = dataSource.options.type === 'postgres' ? '$1' : '?';
    this.page = sql.page(entity, members, MAX_BYTES);
    this.newest = sql.lastId(entity, 'ORDER BY "id" DESC LIMIT 1');
    this.nth = sql.lastId(entity, `ORDER BY "id" LIMIT 1 OFFSET ${parameter}`);
  }

  /** Some of the rows, as JSON lists, the first one at least. */
  async *part(skip: number, take: number): AsyncGenerator<string, void> {
    const { manager } = this.sessions.current;
    const [before] = skip === 0 ? [{ last: 0 }] : await this.nth.rows(manager, [skip - 1]);
    // Behind the last row there is nothing: the same as a part of none.
    yield* this.lists(manager, (before?.last as number | undefined) ?? 0, before ? take : 0);
  }

  /** All rows that there are when the first list has been taken, as JSON lists, the first one at least. */
  async *all(): AsyncGenerator<string, void> {
    yield* this.lists(this.sessions.current.manager, 0, Infinity);
  }

  /** The manager is given: later lists are read when the client asks for more, outside the request's session. */
  private async *lists(manager: EntityManager, after: number, take: number): AsyncGenerator<string, void> {
    let end = Number.MAX_SAFE_INTEGER;
    // Large rows seldom come alone: to begin anew with many would read them again and again.
    let most = MAX_ROWS;
    for (let left = take, last = after, first = true; first || (left > 0 && last < end); first = false) {
      const page = await this.pageThatFits(manager, last, end, Math.min(left, most));
      const count = Number(page.count);
      if (first || count > 0) yield page.json;
      if (page.isLast || count === left) return;
      left -= count;
      most = Math.min(MAX_ROWS, page.rows * 2);
      last = page.last;
      if (first) end = ((await this.newest.rows(manager, []))[0]?.last as number | undefined) ?? 0;
    }
  }

  /** A list of the next rows that is not too large; one row always is in it, if there is one. */
  private async pageThatFits(
    manager: EntityManager,
    after: number,
    end: number,
    most: number,
  ): Promise<Page & { readonly rows: number; readonly isLast: boolean }> {
    // What is too large at first seldom is by little.
    for (let rows = most; ; rows = Math.ceil(rows / 8)) {
      const [row] = await this.page.rows(manager, this.sql.pageValues(after, end, rows));
      const page = row as unknown as Page;
      const count = Number(page.count);
      if (count > 0 || rows <= 1) return { ...page, rows, isLast: count < rows };
    }
  }
}
