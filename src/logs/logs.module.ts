import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LogEntry } from './log-entry.entity.js';
import { LogIngest } from './ingest/log-ingest.js';
import { LogTail } from './log-tail.js';
import { LogsController } from './logs.controller.js';
import { LogsService } from './logs.service.js';
import { LogStream } from './stream/log-stream.js';

/** Log entries. */
@Module({
  imports: [TypeOrmModule.forFeature([LogEntry])],
  controllers: [LogsController],
  providers: [LogsService, LogIngest, LogStream, LogTail],
})
export class LogsModule {}
