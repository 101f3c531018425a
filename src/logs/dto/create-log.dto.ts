import { TextField } from '../../http/validation/fields.js';

export class CreateLogDto {
  @TextField({ description: 'What happened', example: 'The backup is done' })
  message: string;
}
