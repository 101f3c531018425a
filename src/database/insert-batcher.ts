import type { ObjectLiteral, Repository } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { isRefusal } from './database-errors.js';
import type { Sessions } from './sessions.js';
import type { UnitOfWork } from './unit-of-work.js';

/**
 * How long a batch takes rows. It is given up when its first row has waited too long, and the last ones with it.
 */
const OPEN_MS = 50;

interface Batch<Row> {
  readonly openedAt: number;
  readonly rows: Row[];
  readonly inserted: Promise<void>;
}

/**
 * Inserts rows that depend on nothing, all that arrive until their unit of work has its turn in that one unit.
 *
 * For rows that come in floods, such as log entries: a unit of work for each would spend more on beginning and
 * ending than on the row. Where the database refuses a batch, each row is tried alone, so that none fails for another.
 */
export class InsertBatcher<Entity extends ObjectLiteral> {
  private open?: Batch<QueryDeepPartialEntity<Entity>>;

  /** @param name what the batch is called in the log, such as `POST /log` */
  constructor(
    private readonly name: string,
    private readonly repository: Repository<Entity>,
    private readonly sessions: Sessions,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Resolves once the row is durable. @throws what the unit of work throws */
  async insert(row: QueryDeepPartialEntity<Entity>): Promise<void> {
    const batch = this.open && Date.now() - this.open.openedAt < OPEN_MS ? this.open : this.newBatch();
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
    return { openedAt: Date.now(), rows, inserted: this.insertAll(rows, close).finally(close) };
  }

  private async insertAll(rows: QueryDeepPartialEntity<Entity>[], begin?: () => void): Promise<void> {
    await this.sessions.run('batch', this.name, () =>
      this.unitOfWork.run(
        () => {
          begin?.();
          // Copies: insert() writes the new ids into its rows, and a second run must not ask for those of the first.
          return this.repository.insert(rows.map((row) => ({ ...row })));
        },
        { single: true },
      ),
    );
  }
}
