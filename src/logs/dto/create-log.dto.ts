import { TextField } from '../../http/validation/fields.js';

/** A log entry as a client writes it. */
export class CreateLogDto {
  @TextField({ description: 'What happened', example: 'The backup is done' })
  message: string;
}
