import { ApiProperty } from '@nestjs/swagger';
import type { Members } from '../../database/index.js';
import type { LogEntry } from '../log-entry.entity.js';

/** The answer to a new log entry. */
export class LogCreatedDto {
  @ApiProperty({ description: 'Says that the entry is on the disk', example: 'Log entry created' })
  status: string;
}

/** One log entry. */
export class LogDto {
  @ApiProperty({ description: 'Rises with each entry', type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ description: 'What happened', example: 'The backup is done' })
  message: string;

  @ApiProperty({
    description:
      'When it came, in UTC; of an entry that was taken over from elsewhere, when it was written there',
    format: 'date-time',
    example: '2026-11-22T15:00:00.123Z',
  })
  timestamp: string;

  static readonly members: Members<LogEntry> = { id: 'id', message: 'message', timestamp: 'timestamp' };
}

/** All log entries, oldest first. */
export class LogListDto {
  @ApiProperty({ description: 'The entries', type: [LogDto] })
  logs: LogDto[];
}
