import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LogEntry } from '../log-entry.entity.js';
import { LogRetention } from './log-retention.js';

/** How long log entries are kept. By itself, as only the service deletes them, and no command does. */
@Module({ imports: [TypeOrmModule.forFeature([LogEntry])], providers: [LogRetention] })
export class LogRetentionModule {}
