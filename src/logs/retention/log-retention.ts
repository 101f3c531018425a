import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LogsConfig } from '../../config/logs.config.js';
import { named, SessionDataSource } from '../../database/index.js';
import { LogEntry } from '../log-entry.entity.js';

const FIRST_MS = 10_000;
const EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** A transaction deletes what takes about this long: on SQLite nobody else has a turn meanwhile. */
const UNIT_MS = 2;
const MAX_ROWS = 250;
/** What others have between two of them. */
const PAUSE_MS = 20;

/** How many rows are counted in one go. */
const COUNT_ROWS = 10_000;

/** Deletes log entries that are too old, or too many, a few at a time. */
@Injectable()
export class LogRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LogRetention.name);
  private readonly stop = new AbortController();
  private running?: Promise<void>;
  /** How many rows the next transaction deletes. */
  private rows = 10;

  constructor(
    @InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>,
    private readonly config: LogsConfig,
    @InjectDataSource() private readonly dataSource: SessionDataSource,
  ) {}

  onApplicationBootstrap(): void {
    const { retentionDays, retentionRows } = this.config;
    if (retentionDays > 0 || retentionRows > 0) this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** Deletes what is due, unless another process does. Answers how many entries that were. */
  async sweep(): Promise<number> {
    let deleted = 0;
    const { maintenance } = this.dataSource;
    await maintenance.alone(() =>
      named('log retention', async () => {
        const { retentionDays, retentionRows } = this.config;
        if (retentionDays > 0) {
          const before = new Date(Date.now() - retentionDays * DAY_MS).toISOString();
          deleted += await this.deleteAll(
            'SELECT id FROM logs WHERE timestamp < :end ORDER BY timestamp',
            before,
          );
        }
        if (retentionRows > 0) {
          const end = await this.tooMany(retentionRows);
          deleted += await this.deleteAll('SELECT id FROM logs WHERE id < :end ORDER BY id', end);
        }
        while (!this.stop.signal.aborted && (await maintenance.giveBack())) await delay(PAUSE_MS);
      }),
    );
    return deleted;
  }

  private async run(): Promise<void> {
    for (let wait = FIRST_MS; await this.passes(wait); wait = EVERY_MS) {
      try {
        const deleted = await this.sweep();
        if (deleted > 0)
          this.logger.log(`${deleted} log entries are deleted that were not to be kept any more`);
      } catch (error) {
        this.logger.warn(`Old log entries could not be deleted: ${String(error)}`);
      }
    }
  }

  /** Waits. Answers false where the service stops. */
  private async passes(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.stop.signal, ref: false }).catch(() => undefined);
    return !this.stop.signal.aborted;
  }

  private async deleteAll(ids: string, end: string | number): Promise<number> {
    let deleted = 0;
    while (!this.stop.signal.aborted) {
      const most = this.rows;
      // A transaction, so that only its own time is measured, and not the wait for its turn.
      const count = await this.dataSource.transaction(() => this.deleteSome(ids, end, most));
      deleted += count;
      if (count < most) break;
      await delay(PAUSE_MS);
    }
    return deleted;
  }

  private async deleteSome(ids: string, end: string | number, most: number): Promise<number> {
    const begin = performance.now();
    const { affected } = await this.logs
      .createQueryBuilder()
      .delete()
      .where(`id IN (${ids} LIMIT :most)`, { end, most })
      .execute();
    // Rows may be of any size.
    const ms = performance.now() - begin;
    this.rows = Math.min(MAX_ROWS, Math.max(1, Math.round(most * Math.min(2, UNIT_MS / ms))));
    return affected ?? 0;
  }

  /** The id from which on there are just so many entries, or 0 where there are fewer. */
  private async tooMany(keep: number): Promise<number> {
    let first = Number.MAX_SAFE_INTEGER;
    for (let left = keep; left > 0; left -= COUNT_ROWS) {
      const row = await this.logs
        .createQueryBuilder('log')
        .select('log.id', 'id')
        .where(first < Number.MAX_SAFE_INTEGER ? 'log.id < :first' : '1 = 1', { first })
        .orderBy('log.id', 'DESC')
        .offset(Math.min(left, COUNT_ROWS) - 1)
        .limit(1)
        .getRawOne<{ id: number }>();
      if (!row) return 0;
      first = row.id;
      await delay(1);
    }
    return first;
  }
}
