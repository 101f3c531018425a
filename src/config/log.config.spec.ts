import { SettingError, SettingsReader } from './environment.js';
import { LogConfig } from './log.config.js';

const configOf = (environment: Record<string, string> = {}) => new LogConfig(new SettingsReader(environment));

describe('LogConfig', () => {
  it('has defaults', () => {
    expect({ ...configOf() }).toEqual({ level: 'info', format: 'auto' });
  });

  it('reads each setting', () => {
    expect({ ...configOf({ LOG_LEVEL: 'DEBUG', LOG_FORMAT: 'json' }) }).toEqual({
      level: 'debug',
      format: 'json',
    });
  });

  it.each([
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
  ])('refuses %s=%s by its name', (setting, value) => {
    expect(() => configOf({ [setting]: value })).toThrow(SettingError);
    expect(() => configOf({ [setting]: value })).toThrow(
      new RegExp(`^Setting ${setting} must be one of .*"${value}"\\.$`),
    );
  });
});
