import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseUnavailableError, isSerializationFailure, UnitTimeoutError } from '../database-errors.js';
import { withTimeLimit } from '../time-limit.js';
import { UnitGuard } from '../unit-guard.js';
import { type UnitRun, UnitRunner } from '../unit-of-work.js';
import { PostgresChanges } from './postgres-changes.js';

/**
 * PostgreSQL's units of work: each is a SERIALIZABLE transaction on a connection of its own. A single statement is
 * READ COMMITTED: it has nothing that it read before and could act on too late.
 *
 * PostgreSQL ends all but one of those that would spoil each other (its manual, 13.2.3). Such a unit is run again
 * from its start, so that what it read is read anew.
 */
export class SerializableTransactions extends UnitRunner {
  private readonly logger = new Logger(SerializableTransactions.name);

  constructor(
    private readonly writer: DataSource,
    private readonly changes: PostgresChanges,
    private readonly limits: { writeWaitMs: number; writeLimitMs: number },
  ) {
    super();
  }

  override async run<T>(unit: UnitRun<T>): Promise<T> {
    const end = Date.now() + this.limits.writeWaitMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(unit);
      } catch (error) {
        if (!isSerializationFailure(error)) throw error;
        if (Date.now() > end) {
          throw new DatabaseUnavailableError(`Others kept changing what ${unit.name} needs.`, {
            cause: error,
          });
        }
        await delay(Math.random() * Math.min(100, 2 ** attempt));
      }
    }
  }

  override async probe(): Promise<void> {
    // Takes a transaction id, which is written to the log and waits for the disk. Fails on a stand-by server.
    await this.writer.query('SELECT pg_current_xact_id()');
  }

  override async close(): Promise<void> {
    // The pool waits for the connections that are in use.
  }

  private async attempt<T>(unit: UnitRun<T>): Promise<T> {
    const runner = this.writer.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    const guard = new UnitGuard(runner, this.changes);
    if (unit.single) guard.limit = 1;
    const level = unit.single ? 'READ COMMITTED' : 'SERIALIZABLE';
    // Nobody waits for the answer, which saves a way to the server and back. Where it fails, nothing is written: the
    // connections only read outside such a transaction.
    const begun = client.query(`BEGIN ISOLATION LEVEL ${level} READ WRITE`);
    begun.catch(() => undefined);
    try {
      // Until then others join who share the unit, such as those who add log entries.
      await nextTurn();
      const work = unit.attempt(runner.manager);
      const result = await withTimeLimit(work, this.limits.writeLimitMs, () => this.abandon(unit));
      await guard.end();
      await begun;
      await client.query(PostgresChanges.commit(guard.written));
      await runner.release();
      return result;
    } catch (error) {
      await guard.end().catch(() => undefined);
      await this.rollBack(client, runner);
      await begun;
      throw error;
    }
  }

  /** Gives the connection back, or drops it where it does not answer: its server ends the transaction then. */
  private async rollBack(client: PoolClient, runner: QueryRunner): Promise<void> {
    try {
      await client.query('ROLLBACK');
      await runner.release();
    } catch (error) {
      // TypeORM's own release() cannot tell the pool that the connection is broken.
      await (runner as unknown as Droppable).releasePostgresConnection(error);
    }
  }

  private abandon(unit: UnitRun<unknown>): UnitTimeoutError {
    const error = new UnitTimeoutError(unit.name, this.limits.writeLimitMs);
    this.logger.error(error.message);
    unit.abandon();
    return error;
  }
}

interface Droppable {
  releasePostgresConnection(error: unknown): Promise<void>;
}
