import { SettingError, SettingsReader } from './environment.js';
import { UsersConfig } from './users.config.js';

const configOf = (environment: Record<string, string> = {}) =>
  new UsersConfig(new SettingsReader(environment));

describe('UsersConfig', () => {
  it('has defaults', () => {
    expect({ ...configOf() }).toEqual({ passwordMinLength: 6, slowUsersSeconds: 10 });
  });

  it('reads each setting', () => {
    const config = configOf({ PASSWORD_MIN_LENGTH: '12', SLOW_USERS_SECONDS: '0' });
    expect({ ...config }).toEqual({ passwordMinLength: 12, slowUsersSeconds: 0 });
  });

  it.each([
    ['PASSWORD_MIN_LENGTH', '0'],
    ['PASSWORD_MIN_LENGTH', '1001'],
    ['PASSWORD_MIN_LENGTH', 'six'],
    ['SLOW_USERS_SECONDS', '-1'],
    ['SLOW_USERS_SECONDS', '61'],
  ])('refuses %s=%s by its name', (setting, value) => {
    expect(() => configOf({ [setting]: value })).toThrow(SettingError);
    expect(() => configOf({ [setting]: value })).toThrow(
      new RegExp(`^Setting ${setting} must be .*"${value}"\\.$`),
    );
  });
});
