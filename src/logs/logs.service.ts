import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { pagesById } from '../database/pages.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { streamJson } from '../http/json-stream.js';
import type { CreateLogDto } from './dto/create-log.dto.js';
import { type LogCreatedDto, LogDto } from './dto/log.dto.js';
import { LogEntry } from './log-entry.entity.js';

@Injectable()
export class LogsService {
  constructor(
    @InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Resolves once the entry is on the disk. */
  async create({ message }: CreateLogDto): Promise<LogCreatedDto> {
    // The time inside the unit, so that entries are in the order of their ids.
    await this.unitOfWork.run(() => this.logs.insert({ message, timestamp: new Date().toISOString() }));
    return { status: 'Log entry created' };
  }

  /** All entries as the JSON of a LogListDto. */
  stream(): Promise<StreamableFile> {
    return streamJson(pagesById(this.logs, LogDto.from), '{"logs":[', ']}');
  }
}
