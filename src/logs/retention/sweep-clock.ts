import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LogEntry } from '../log-entry.entity.js';
import { type ClockReading, judgeClock } from './clock-trust.js';
import { LogSweep } from './log-sweep.entity.js';

/** The clock of the database, and what earlier sweeps have seen of it. */
@Injectable()
export class SweepClock {
  constructor(
    @InjectRepository(LogSweep) private readonly sweeps: Repository<LogSweep>,
    @InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>,
  ) {}

  /** Reads the clock, judges it by the last sweep, and remembers that. @param trusted somebody says that it is right */
  async read(trusted: boolean): Promise<ClockReading> {
    const now = await this.now();
    const reading = judgeClock(trusted ? undefined : await this.last(), now);
    await this.sweeps.save({
      id: 1,
      sweptAt: reading.at.toISOString(),
      suspectSince: reading.suspectSince?.toISOString() ?? null,
    });
    return reading;
  }

  /** On SQLite it is the machine's. */
  private async now(): Promise<Date> {
    const [row] = await this.sweeps.query<[{ now: Date | string }]>('SELECT CURRENT_TIMESTAMP AS "now"');
    // SQLite's is a text in UTC, which does not say so.
    return row.now instanceof Date ? row.now : new Date(`${row.now.replace(' ', 'T')}Z`);
  }

  private async last(): Promise<ClockReading | undefined> {
    const sweep = await this.sweeps.findOneBy({ id: 1 });
    if (sweep) {
      const { sweptAt, suspectSince } = sweep;
      return { at: new Date(sweptAt), suspectSince: suspectSince === null ? null : new Date(suspectSince) };
    }
    // Before the first sweep the newest entry tells when the time was right.
    const select = { id: true, timestamp: true };
    const [newest] = await this.logs.find({ select, order: { id: 'DESC' }, take: 1 });
    return newest ? { at: new Date(newest.timestamp), suspectSince: null } : undefined;
  }
}
