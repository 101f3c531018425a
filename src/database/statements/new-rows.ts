import type { ObjectLiteral, Repository } from 'typeorm';
import { dialectOf } from '../dialect.js';
import type { SessionDataSource } from '../session-data-source.js';
import { CompiledStatement } from './compiled-statement.js';
import { RowSql } from './row-sql.js';
import { SettledPosition } from './settled-position.js';

/** What is read at a time. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 262_144;

/**
 * Gives the rows of an entity as they come, by id: none twice and none left out, whoever writes them.
 *
 * They come from a server that takes writes: a standby may lack rows before the position, which would be left out.
 */
export class NewRows<Entity extends ObjectLiteral & { id: number }> {
  /** How soon rows of other processes are seen by who asks again and again. */
  static readonly POLL_MS = 200;

  private readonly after: CompiledStatement;
  private readonly lastId: CompiledStatement;
  private readonly settled: SettledPosition;
  private last = 0;

  constructor(private readonly repository: Repository<Entity>) {
    const { target, metadata } = repository;
    const dataSource = repository.manager.dataSource as SessionDataSource;
    this.after = new RowSql(target, dataSource).rowsAfter(MAX_ROWS, MAX_BYTES);
    this.lastId = new CompiledStatement(dialectOf(dataSource).lastIdOf(metadata.tableName), true);
    this.settled = SettledPosition.of(repository);
  }

  /** The id up to which all rows were given, or were there at the start. */
  get position(): number {
    return this.last;
  }

  /** Begins after the rows that are there now, once no smaller id can come any more. */
  async start(): Promise<void> {
    this.last = await this.settled.ofNewest();
  }

  /** The next rows, or none where there are none yet. */
  async next(): Promise<Entity[]> {
    const end = await this.settled.now();
    if (end <= this.last) return [];
    const rows = await this.rowsBetween(this.last, end);
    this.last = rows.at(-1)?.id ?? end;
    return rows;
  }

  /** Some rows after an id, as far as they were given already. */
  given(after: number): Promise<Entity[]> {
    return this.rowsBetween(after, this.last);
  }

  /**
   * Whether a row can have had this id. It may be of a transaction that is not committed yet.
   *
   * @throws where the database does not answer, also for an id that was given
   */
  async mayHaveHad(id: number): Promise<boolean> {
    const [row] = await this.lastId.rows(this.repository.manager, []);
    // PostgreSQL gives it as text, as it may be larger than a number.
    return id <= Math.max(this.last, Number(row?.last ?? 0));
  }

  private async rowsBetween(after: number, end: number): Promise<Entity[]> {
    const rows = (await this.after.rows(this.repository.manager, [after])) as unknown as Entity[];
    return rows.filter(({ id }) => id <= end);
  }
}
