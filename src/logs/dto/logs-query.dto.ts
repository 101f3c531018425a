import { MAX_COUNT, MAX_ID } from '../../schema/ids.js';
import { InstantField, IntegerField, TextField } from '../../http/validation/fields.js';

/** Which log entries. */
export class LogsQueryDto {
  @IntegerField({
    description: 'How many to give at most, the oldest of those that fit',
    minimum: 0,
    maximum: MAX_COUNT,
  })
  limit: number | null;

  @IntegerField({ description: 'The id before the first', minimum: 0, maximum: MAX_ID })
  after: number | null;

  @InstantField({
    description:
      'The earliest time: a date-time in ISO 8601 (in UTC if it names no zone), or how long ago, such as 15m, 1h or 7d',
    example: '2026-11-22T15:00:00Z',
    durations: true,
  })
  since: string | null;

  @InstantField({
    description: 'The time before which they are, as for since',
    example: '15m',
    durations: true,
  })
  until: string | null;

  @TextField({
    description:
      'A text that is somewhere in the message. The case of A to Z does not matter, that of others does',
    example: 'backup',
    maxLength: 1_000,
    optional: true,
  })
  q: string | null;
}
