import type { EntityManager, ObjectLiteral, QueryDeepPartialEntity, Repository } from 'typeorm';
import { isRefusal } from './errors.js';
import { outside } from './places.js';
import type { SessionDataSource } from './session-data-source.js';

/** How long a batch takes rows. It is given up when its first row has waited too long, and the last ones with it. */
const OPEN_MS = 50;

interface Batch<Row> {
  readonly openedAt: number;
  readonly rows: Row[];
  readonly inserted: Promise<void>;
}

/**
 * Inserts rows that depend on nothing, all that arrive until their turn comes with one statement, outside of any
 * transaction.
 *
 * For rows that come in floods, such as log entries: a transaction for each would spend more on beginning and ending
 * than on the row. Where the database refuses a batch, each row is tried alone, so that none fails for another.
 */
export class InsertBatcher<Entity extends ObjectLiteral> {
  private open?: Batch<QueryDeepPartialEntity<Entity>>;

  constructor(private readonly repository: Repository<Entity>) {}

  /** Resolves once the row is durable. @throws what the statement throws */
  async insert(row: QueryDeepPartialEntity<Entity>): Promise<void> {
    const batch = this.open && performance.now() - this.open.openedAt < OPEN_MS ? this.open : this.newBatch();
    this.open = batch;
    batch.rows.push(row);
    try {
      await batch.inserted;
    } catch (error) {
      // Without an answer from the database the batch may be kept: a second try could keep it twice.
      if (batch.rows.length === 1 || !isRefusal(error)) throw error;
      await this.insertAll([row]);
    }
  }

  private newBatch(): Batch<QueryDeepPartialEntity<Entity>> {
    const rows: QueryDeepPartialEntity<Entity>[] = [];
    // From here on rows go into the next batch: this one may be inserted again, and must be the same then.
    const close = (): void => {
      if (this.open?.rows === rows) this.open = undefined;
    };
    return { openedAt: performance.now(), rows, inserted: this.insertAll(rows, close).finally(close) };
  }

  private async insertAll(rows: QueryDeepPartialEntity<Entity>[], begin?: () => void): Promise<void> {
    const { target, manager } = this.repository;
    const dataSource = manager.dataSource as SessionDataSource;
    const { engine, subscribers } = dataSource;
    await outside(() => {
      const work = (own: EntityManager): Promise<unknown> => {
        begin?.();
        // Copies: insert() writes the new ids into its rows, and a second run must not ask for those of the first.
        return own.insert(
          target,
          rows.map((row) => ({ ...row })),
        );
      };
      // What subscribers write because of it belongs to it.
      return subscribers.length > 0 ? dataSource.transact(undefined, work) : engine.statement(work);
    });
  }
}
