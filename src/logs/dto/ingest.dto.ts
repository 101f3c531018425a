import { ApiProperty } from '@nestjs/swagger';
import { FaultDto } from '../../http/openapi.js';
import type { Fault } from '../../http/problems.js';
import { BooleanField, InstantField } from '../../http/validation/fields.js';
import { CreateLogDto } from './create-log.dto.js';

/** How many entries are taken at once. */
export class IngestQueryDto {
  @BooleanField({
    description: 'Keep all entries or none. Otherwise those without faults are kept',
    example: true,
    default: false,
  })
  atomic: boolean;
}

/** A log entry among many, which may have been written elsewhere before. */
export class IngestLogDto extends CreateLogDto {
  @InstantField({
    description:
      'When it was written, in ISO 8601; in UTC if it names no zone. Without it, the time at which it comes',
    example: '2026-11-22T15:00:00.123Z',
  })
  timestamp: string | null;
}

/** The answer to many log entries. */
export class IngestReportDto {
  @ApiProperty({ description: 'How many entries are on the disk now', type: 'integer', example: 99_999 })
  created: number;

  @ApiProperty({ description: 'How many lines or elements have faults', type: 'integer', example: 1 })
  failed: number;

  @ApiProperty({
    description:
      'The first 100 faults. Behind `body`, loc has the number of the line, or of the element, counted from 1',
    type: [FaultDto],
    example: [{ loc: ['body', 3, 'message'], msg: 'Field required', type: 'missing' }],
  })
  errors: Fault[];
}
