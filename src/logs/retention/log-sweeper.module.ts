import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LogEntry } from '../log-entry.entity.js';
import { LogSweep } from './log-sweep.entity.js';
import { LogSweeper } from './log-sweeper.js';
import { SweepClock } from './sweep-clock.js';

/** Deletes log entries that are not to be kept, when it is told to. */
@Module({
  imports: [TypeOrmModule.forFeature([LogEntry, LogSweep])],
  providers: [LogSweeper, SweepClock],
  exports: [LogSweeper],
})
export class LogSweeperModule {}
