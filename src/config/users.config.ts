import type { SettingsReader } from './environment.js';

/** The rules for users that a site may set. */
export class UsersConfig {
  /** `PASSWORD_MIN_LENGTH`: in characters. */
  readonly passwordMinLength: number;
  /** `SLOW_USERS_SECONDS`: where the count-down of `GET /slowusers/` starts. */
  readonly slowUsersSeconds: number;

  constructor(settings: SettingsReader) {
    this.passwordMinLength = settings.integer('PASSWORD_MIN_LENGTH', 6, { min: 1, max: 1_000 });
    this.slowUsersSeconds = settings.integer('SLOW_USERS_SECONDS', 10, { min: 0, max: 60 });
  }
}
