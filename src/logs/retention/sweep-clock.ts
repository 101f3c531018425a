import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type ClockReading, judgeClock } from './clock-trust.js';
import { LogSweep } from './log-sweep.entity.js';

/** What a sweep goes by. */
export interface SweepReading extends ClockReading {
  /** There is no earlier sweep to compare with. Entries are not asked: a client may have said their times. */
  readonly isFirst: boolean;
}

/** The clock of the database, and what earlier sweeps have seen of it. */
@Injectable()
export class SweepClock {
  constructor(@InjectRepository(LogSweep) private readonly sweeps: Repository<LogSweep>) {}

  /** Reads the clock, judges it by the last sweep, and remembers that. @param trusted somebody says that it is right */
  async read(trusted: boolean): Promise<SweepReading> {
    const now = await this.now();
    const last = await this.last();
    const reading = judgeClock(trusted ? undefined : last, now);
    await this.sweeps.save({
      id: 1,
      sweptAt: reading.at.toISOString(),
      suspectSince: reading.suspectSince?.toISOString() ?? null,
    });
    return { ...reading, isFirst: !trusted && !last };
  }

  /** On SQLite it is the machine's. */
  private async now(): Promise<Date> {
    const [row] = await this.sweeps.query<[{ now: Date | string }]>('SELECT CURRENT_TIMESTAMP AS "now"');
    // SQLite's is a text in UTC, which does not say so.
    return row.now instanceof Date ? row.now : new Date(`${row.now.replace(' ', 'T')}Z`);
  }

  private async last(): Promise<ClockReading | undefined> {
    const sweep = await this.sweeps.findOneBy({ id: 1 });
    if (!sweep) return undefined;
    const { sweptAt, suspectSince } = sweep;
    return { at: new Date(sweptAt), suspectSince: suspectSince === null ? null : new Date(suspectSince) };
  }
}
