import { IdField } from '../../http/validation/fields.js';

/** The path of one note. */
export class NotePathDto {
  @IdField({ description: "The note's id", example: 1 })
  note_id: number;
}
