import { IdField } from '../../http/validation/fields.js';

export class UserPathDto {
  @IdField({ description: "The user's id", example: 1 })
  user_id: number;
}
