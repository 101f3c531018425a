import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isoNow } from '../clock.js';
import { InsertBatcher, JsonLists, JsonSearch } from '../database/index.js';
import { joinLines } from '../http/json-lines.js';
import { joinLists } from '../http/json-stream.js';
import type { CreateLogDto } from './dto/create-log.dto.js';
import { type LogCreatedDto, LogDto } from './dto/log.dto.js';
import type { LogsQueryDto } from './dto/logs-query.dto.js';
import { LogEntry } from './log-entry.entity.js';
import { LogStream } from './stream/log-stream.js';

/** Keeps log entries and gives them back. */
@Injectable()
export class LogsService {
  private readonly batcher: InsertBatcher<LogEntry>;
  private readonly lists: JsonLists<LogEntry>;
  private readonly search: JsonSearch<LogEntry>;

  constructor(
    @InjectRepository(LogEntry) logs: Repository<LogEntry>,
    private readonly stream: LogStream,
  ) {
    this.search = new JsonSearch(logs, LogDto.members, { time: 'timestamp', text: 'message' });
    this.lists = new JsonLists(logs, LogDto.members);
    this.batcher = new InsertBatcher(logs);
  }

  /** Resolves once the entry is on the disk. */
  async create({ message }: CreateLogDto): Promise<LogCreatedDto> {
    await this.batcher.insert({ message, timestamp: isoNow() });
    this.stream.wake();
    return { status: 'Log entry created' };
  }

  /** Entries by id as the JSON of a LogListDto. */
  list(query: LogsQueryDto): Promise<string | StreamableFile> {
    const lists = isForAll(query) ? this.lists.all() : asLists(this.linesOf(query));
    return joinLists(lists, '{"logs":', '}');
  }

  /** The same entries, the JSON of a LogDto a line. */
  listLines(query: LogsQueryDto): Promise<string | StreamableFile> {
    return joinLines(this.linesOf(query));
  }

  /** The lines of entries by id, in parts. */
  linesOf({ q, ...query }: LogsQueryDto): AsyncGenerator<string, void> {
    // A page that has another after it must not go beyond what is settled: that one begins where it ends.
    const settled = query.limit !== null || query.after !== null;
    return this.search.lines({ ...query, text: q, settled });
  }
}

function isForAll(query: LogsQueryDto): boolean {
  return Object.values(query).every((value) => value === null);
}

/** Lines of JSON as JSON lists, the first one at least. In JSON text no line ends but where we have put it. */
async function* asLists(parts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  let empty = true;
  for await (const lines of parts) {
    empty = false;
    yield `[${lines.slice(0, -1).replaceAll('\n', ',')}]`;
  }
  if (empty) yield '[]';
}
