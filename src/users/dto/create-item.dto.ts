import { TextField } from '../../http/validation/fields.js';

/** An item as a client writes it. */
export class CreateItemDto {
  @TextField({ description: 'What it is', example: 'Lamp' })
  title: string;

  @TextField({ description: 'More about it', example: 'Brass, with a green shade', nullable: true })
  description: string | null;
}
