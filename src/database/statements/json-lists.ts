import type { ObjectLiteral, Repository } from 'typeorm';
import type { CompiledStatement } from './compiled-statement.js';
import { JsonSql, type Members } from './json-sql.js';
import { RowSql } from './row-sql.js';

/** What one JSON list holds at most, so that memory does not grow with the table or with what people write. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 1_048_576;

/** What JsonSql.page answers. PostgreSQL gives counts and sums as text, as they may be larger than a number. */
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
  private readonly page: CompiledStatement;
  private readonly newest: CompiledStatement;
  private readonly nth: CompiledStatement;

  constructor(
    private readonly repository: Repository<Entity>,
    members: Members<Entity>,
  ) {
    const { target, manager } = repository;
    this.page = new JsonSql(manager.dataSource).page(target, members, MAX_BYTES);
    const rows = new RowSql(target, manager.dataSource);
    this.newest = rows.newest();
    this.nth = rows.nth();
  }

  /** Some of the rows, as JSON lists, the first one at least. */
  async *part(skip: number, take: number): AsyncGenerator<string, void> {
    const [before] = skip === 0 ? [{ last: 0 }] : await this.nth.rows(this.repository.manager, [skip - 1]);
    // After the last row there is nothing: the same as a part of none.
    yield* this.lists((before?.last as number | undefined) ?? 0, before ? take : 0);
  }

  /** All rows that there are when the first list has been taken, as JSON lists, the first one at least. */
  async *all(): AsyncGenerator<string, void> {
    yield* this.lists(0, Infinity);
  }

  private async *lists(after: number, take: number): AsyncGenerator<string, void> {
    const { manager } = this.repository;
    let end = Number.MAX_SAFE_INTEGER;
    // Large rows seldom come alone: to begin anew with many would read them again and again.
    let most = MAX_ROWS;
    for (let left = take, last = after, first = true; first || (left > 0 && last < end); first = false) {
      const page = await this.pageThatFits(last, end, Math.min(left, most));
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
    after: number,
    end: number,
    most: number,
  ): Promise<Page & { readonly rows: number; readonly isLast: boolean }> {
    // What is too large at first seldom is by little.
    for (let rows = most; ; rows = Math.ceil(rows / 8)) {
      const [row] = await this.page.rows(this.repository.manager, [after, end, rows]);
      const page = row as unknown as Page;
      const count = Number(page.count);
      if (count > 0 || rows <= 1) return { ...page, rows, isLast: count < rows };
    }
  }
}
