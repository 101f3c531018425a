import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { JsonSearch, NewRows } from '../database/index.js';
import { LogDto } from './dto/log.dto.js';
import type { LogsQueryDto } from './dto/logs-query.dto.js';
import { LogEntry } from './log-entry.entity.js';

/** The end of the log, for the command that prints it. */
@Injectable()
export class LogTail {
  private readonly search: JsonSearch<LogEntry>;

  constructor(@InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>) {
    this.search = new JsonSearch(logs, LogDto.members, { time: 'timestamp', text: 'message' });
  }

  /**
   * The newest entries that fit, by id, as lines of JSON in parts; then those that come, until `follow` says so.
   *
   * @param query its limit is how many of the newest there are at first
   */
  async *lines({ limit, q, ...query }: LogsQueryDto, follow?: AbortSignal): AsyncGenerator<string, void> {
    const filter = { ...query, text: q };
    const coming = new NewRows(this.logs);
    if (follow) await coming.start();
    const now = follow ? { ...filter, upTo: coming.position } : filter;
    const after = limit === null ? query.after : await this.search.beforeNewest(limit, now);
    yield* this.search.lines({ ...now, after });
    if (!follow) return;
    while (!follow.aborted) {
      const rows = await coming.next();
      if (rows.length === 0)
        await delay(NewRows.POLL_MS, undefined, { signal: follow }).catch(() => undefined);
      const found = rows.filter((row) => fits(row, query.since, q));
      yield found
        .map(({ id, message, timestamp }) => `${JSON.stringify({ id, message, timestamp })}\n`)
        .join('');
    }
  }
}

function fits({ message, timestamp }: LogEntry, since: string | null, text: string | null): boolean {
  return (
    timestamp >= (since ?? '') && JsonSearch.inLowerCase(message).includes(JsonSearch.inLowerCase(text ?? ''))
  );
}
