import { MAX_COUNT } from '../../schema/ids.js';
import { IntegerField } from '../../http/validation/fields.js';

/** Which part of the notes. */
export class NotesPageDto {
  @IntegerField({ description: 'How many to pass over', minimum: 0, maximum: MAX_COUNT, default: 0 })
  skip: number;

  @IntegerField({ description: 'How many to give at most', minimum: 0, maximum: 1_000, default: 20 })
  take: number;
}
