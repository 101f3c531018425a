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
  private readonly page: CompiledStatement;
  private readonly bytes: CompiledStatement;
  private readonly newest: CompiledStatement;
  private readonly nth: CompiledStatement;

  constructor(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    private readonly sessions: Sessions,
    dataSource: DataSource,
  ) {
    const sql = new JsonSql(dataSource);
    const [a, b, c] = dataSource.options.type === 'postgres' ? ['$1', '$2::bigint', '$3'] : ['?', '?', '?'];
    const rows = `WHERE "id" > ${a} AND "id" <= ${b} ORDER BY "id" LIMIT ${c}`;
    this.page = sql.list(entity, members, rows);
    this.bytes = sql.bytes(entity, rows);
    this.newest = sql.lastId(entity, 'ORDER BY "id" DESC LIMIT 1');
    this.nth = sql.lastId(entity, `ORDER BY "id" LIMIT 1 OFFSET ${a}`);
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
    for (let left = take, last = after, first = true; first || (left > 0 && last < end); first = false) {
      const rows = await this.rowsThatFit(manager, last, end, Math.min(left, MAX_ROWS));
      const [page] = (await this.page.rows(manager, [last, end, rows])) as unknown as [Page];
      const count = Number(page.count);
      if (first || count > 0) yield page.json;
      if (count < rows || count === left) return;
      left -= count;
      last = page.last;
      if (first) end = ((await this.newest.rows(manager, []))[0]?.last as number | undefined) ?? 0;
    }
  }

  /** How many of the next rows make a list that is not too large; one always does. */
  private async rowsThatFit(
    manager: EntityManager,
    after: number,
    end: number,
    most: number,
  ): Promise<number> {
    for (let rows = most; rows > 1; rows = Math.floor(rows / 2)) {
      const [sum] = await this.bytes.rows(manager, [after, end, rows]);
      if (Number(sum?.bytes) <= MAX_BYTES) return rows;
    }
    return Math.min(most, 1);
  }
}
