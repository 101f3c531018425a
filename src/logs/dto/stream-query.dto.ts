import { MAX_ID } from '../../schema/ids.js';
import { IntegerField } from '../../http/validation/fields.js';

/** Where a stream of log entries begins. */
export class StreamQueryDto {
  @IntegerField({
    description:
      'The id before the first entry. Without it only new ones are sent. The header Last-Event-ID wins, which browsers ' +
      'send when they connect again',
    minimum: 0,
    maximum: MAX_ID,
  })
  after: number | null;
}
