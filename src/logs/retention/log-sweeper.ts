import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LogsConfig } from '../../config/logs.config.js';
import { named, SessionDataSource } from '../../database/index.js';
import { LogEntry } from '../log-entry.entity.js';
import { SweepClock } from './sweep-clock.js';

const DAY_MS = 86_400_000;

/** A transaction deletes what takes about this long: on SQLite nobody else has a turn meanwhile. */
const UNIT_MS = 2;
const MAX_ROWS = 250;
/** What others have between two of them. */
const PAUSE_MS = 20;

/** How many rows are counted in one go. */
const COUNT_ROWS = 10_000;

/** What a sweep has done. */
export interface SweepReport {
  /** Not where another process was at it. */
  readonly ran: boolean;
  /** How many entries. */
  readonly deleted: number;
  /** Whether it has only noted the time, so that none were deleted by age. */
  readonly isFirst: boolean;
  /** Since when the clock is not trusted, so that none were deleted by age. */
  readonly suspectSince: Date | null;
}

interface SweepOptions {
  /** The clock is right, whatever was seen of it. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/** Deletes log entries that are too old, or too many, a few at a time. */
@Injectable()
export class LogSweeper {
  /** How many rows the next transaction deletes. */
  private rows = 10;

  constructor(
    @InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>,
    private readonly config: LogsConfig,
    private readonly clock: SweepClock,
    @InjectDataSource() private readonly dataSource: SessionDataSource,
  ) {}

  /** Whether anything is ever to be deleted. */
  get isWanted(): boolean {
    return this.config.retentionDays > 0 || this.config.retentionRows > 0;
  }

  /** Deletes what is due, unless another process does. */
  async sweep({ force = false, signal }: SweepOptions = {}): Promise<SweepReport> {
    let deleted = 0;
    let isFirst = false;
    let suspectSince: Date | null = null;
    const { maintenance } = this.dataSource;
    const ran = await maintenance.alone(() =>
      named('log retention', async () => {
        const { retentionDays, retentionRows } = this.config;
        if (retentionDays > 0) {
          const reading = await this.clock.read(force);
          ({ isFirst, suspectSince } = reading);
          const before = new Date(reading.at.getTime() - retentionDays * DAY_MS).toISOString();
          const tooOld = 'SELECT id FROM logs WHERE timestamp < :end ORDER BY timestamp';
          if (!isFirst && !suspectSince) deleted += await this.deleteAll(tooOld, before, signal);
        }
        if (retentionRows > 0) {
          const end = await this.tooMany(retentionRows);
          deleted += await this.deleteAll('SELECT id FROM logs WHERE id < :end ORDER BY id', end, signal);
        }
        while (goesOn(signal) && (await maintenance.giveBack())) await delay(PAUSE_MS);
      }),
    );
    return { ran, deleted, isFirst, suspectSince };
  }

  private async deleteAll(ids: string, end: string | number, signal?: AbortSignal): Promise<number> {
    let deleted = 0;
    while (goesOn(signal)) {
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

const goesOn = (signal?: AbortSignal): boolean => !signal?.aborted;
