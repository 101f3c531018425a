import { BooleanField, TextField } from '../../http/validation/fields.js';

/** A task as a client writes it, new or whole. */
export class WriteTaskDto {
  @TextField({ description: 'What to do', example: 'Water the plants' })
  name: string;

  @BooleanField({ description: 'Whether it is done', example: false })
  done: boolean;
}
