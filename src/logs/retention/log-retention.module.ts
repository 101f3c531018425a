import { Module } from '@nestjs/common';
import { LogRetention } from './log-retention.js';
import { LogSweeperModule } from './log-sweeper.module.js';

/** How long log entries are kept. By itself, as only the service deletes them by the minute, and no command does. */
@Module({ imports: [LogSweeperModule], providers: [LogRetention] })
export class LogRetentionModule {}
