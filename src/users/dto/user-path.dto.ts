import { IdField } from '../../http/validation/fields.js';

/** The path of one user. */
export class UserPathDto {
  @IdField({ description: "The user's id", example: 1 })
  user_id: number;
}
