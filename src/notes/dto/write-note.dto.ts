import { BooleanField, TextField } from '../../http/validation/fields.js';

/** A note as a client writes it, new or whole. */
export class WriteNoteDto {
  @TextField({ description: 'The note', example: 'Buy milk', maxLength: 10_000 })
  text: string;

  @BooleanField({ description: 'Whether it is dealt with', example: false })
  completed: boolean;
}
