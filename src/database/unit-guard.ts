import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityManager, QueryRunner } from 'typeorm';
import type { DatabaseChanges } from './database-changes.js';

const guards = new WeakMap<QueryRunner, UnitGuard>();

/**
 * Stands before every statement of one unit of work, on a query runner of the unit's own.
 *
 * Nothing runs after the unit has ended, though code of it that nobody awaited may go on. And nothing runs after a
 * statement has failed, even if that was caught: PostgreSQL has given up the transaction by then, and SQLite may
 * have. So the unit fails as a whole, on both engines.
 *
 * It also notes which of the watched tables the unit writes, so that nobody has to say it.
 */
export class UnitGuard {
  /** The watched tables that the unit may have written. */
  readonly written = new Set<string>();
  /** How many statements the unit may run. */
  limit = Infinity;
  private underWay = 0;
  private ended = false;
  private failed?: { readonly error: unknown };

  constructor(
    runner: QueryRunner,
    private readonly changes: DatabaseChanges,
  ) {
    guards.set(runner, this);
    const query = runner.query.bind(runner);
    runner.query = (...args: Parameters<QueryRunner['query']>) => this.run(args[0], () => query(...args));
    // The lane and the pool begin and end the transaction themselves; TypeORM's own inside it are savepoints.
    Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  }

  /** Runs a statement of the unit that a manager belongs to, or one outside any. */
  static run<T>(manager: EntityManager, sql: string, statement: () => Promise<T>): Promise<T> {
    const guard = manager.queryRunner && guards.get(manager.queryRunner);
    return guard ? guard.run(sql, statement) : statement();
  }

  /**
   * Refuses what still comes, and resolves when what is under way is through.
   *
   * @throws the error of the first statement that failed, or one that says that a statement was not awaited
   */
  async end(): Promise<void> {
    this.ended = true;
    if (this.underWay > 0 && !this.failed) {
      this.failed = {
        error: new Error('A unit of work ended before one of its statements: await all of them.'),
      };
    }
    while (this.underWay > 0) await nextTurn();
    if (this.failed) throw this.failed.error;
  }

  private async run<T>(sql: string, statement: () => Promise<T>): Promise<T> {
    if (this.failed) throw this.failed.error;
    if (this.ended) throw new Error('The unit of work has ended: await everything inside it.');
    for (const table of this.changes.tablesWrittenBy(sql)) this.written.add(table);
    this.underWay += 1;
    try {
      if ((this.limit -= 1) < 0) {
        throw new Error('A unit of work of a single statement has run a second: leave out { single: true }.');
      }
      return await statement();
    } catch (error) {
      this.failed ??= { error };
      throw error;
    } finally {
      this.underWay -= 1;
    }
  }
}
