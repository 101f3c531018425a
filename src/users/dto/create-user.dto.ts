import { readConfig } from '../../config/config.module.js';
import { UsersConfig } from '../../config/users.config.js';
import { EmailField, TextField } from '../../http/validation/fields.js';

/** A user who registers. */
export class CreateUserDto {
  @EmailField({ description: 'Must not be registered yet, in capitals or not', example: 'ada@example.com' })
  email: string;

  @TextField({
    description: 'Kept only as an argon2id hash',
    example: 'correct horse',
    // A decorator runs before there is anything to inject.
    minLength: readConfig(UsersConfig).passwordMinLength,
    format: 'password',
  })
  password: string;
}
