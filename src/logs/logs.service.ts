import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { InsertBatcher } from '../database/insert-batcher.js';
import type { JsonLists } from '../database/prepared/json-lists.js';
import { PreparedQueries } from '../database/prepared/prepared-queries.js';
import { Sessions } from '../database/sessions.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { joinLists } from '../http/json-stream.js';
import type { CreateLogDto } from './dto/create-log.dto.js';
import { type LogCreatedDto, LogDto } from './dto/log.dto.js';
import { LogEntry } from './log-entry.entity.js';

/** Keeps log entries and gives them back. */
@Injectable()
export class LogsService {
  private readonly batcher: InsertBatcher<LogEntry>;
  private readonly lists: JsonLists<LogEntry>;

  constructor(
    @InjectRepository(LogEntry) logs: Repository<LogEntry>,
    queries: PreparedQueries,
    sessions: Sessions,
    unitOfWork: UnitOfWork,
  ) {
    this.lists = queries.jsonLists(LogEntry, LogDto.members);
    this.batcher = new InsertBatcher('POST /log', logs, sessions, unitOfWork);
  }

  /** Resolves once the entry is on the disk. */
  async create({ message }: CreateLogDto): Promise<LogCreatedDto> {
    await this.batcher.insert({ message, timestamp: new Date().toISOString() });
    return { status: 'Log entry created' };
  }

  /** All entries as the JSON of a LogListDto. */
  list(): Promise<string | StreamableFile> {
    return joinLists(this.lists.all(), '{"logs":', '}');
  }
}
