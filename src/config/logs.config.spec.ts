import { SettingsReader } from './environment.js';
import { LogsConfig } from './logs.config.js';

const configOf = (environment: Record<string, string> = {}) =>
  new LogsConfig(new SettingsReader(environment));

describe('LogsConfig', () => {
  it('keeps all entries by default', () => {
    expect({ ...configOf() }).toEqual({ streams: 100, retentionDays: 0, retentionRows: 0 });
  });

  it.each([
    ['LOG_STREAMS', '-1'],
    ['LOG_RETENTION_DAYS', '7d'],
    ['LOG_RETENTION_ROWS', '1e6'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => configOf({ [name]: value })).toThrow(name);
  });
});
