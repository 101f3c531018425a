import { SettingError, SettingsReader } from './environment.js';
import { HttpConfig } from './http.config.js';

const configOf = (environment: Record<string, string> = {}) =>
  new HttpConfig(new SettingsReader(environment));

describe('HttpConfig', () => {
  it('has defaults', () => {
    expect({ ...configOf() }).toEqual({
      host: '127.0.0.1',
      port: 8000,
      workers: 1,
      maxBodyBytes: 1_048_576,
      bulkMaxBytes: 2_147_483_648,
      corsOrigins: [],
      shutdownSeconds: 10,
    });
  });

  it('reads each setting', () => {
    const config = configOf({
      HOST: '0.0.0.0',
      PORT: '0',
      WORKERS: '4',
      MAX_BODY_BYTES: '1024',
      BULK_MAX_BYTES: '10000000000',
      CORS_ORIGINS: 'https://app.example',
      SHUTDOWN_SECONDS: '1',
    });
    expect({ ...config }).toEqual({
      host: '0.0.0.0',
      port: 0,
      workers: 4,
      maxBodyBytes: 1_024,
      bulkMaxBytes: 10_000_000_000,
      corsOrigins: ['https://app.example'],
      shutdownSeconds: 1,
    });
  });

  it.each([
    ['https://app.example/', ['https://app.example']],
    ['https://APP.example', ['https://app.example']],
    ['http://localhost:5173, https://app.example,', ['http://localhost:5173', 'https://app.example']],
    ['http://[::1]:8080', ['http://[::1]:8080']],
  ])('reads the origins %j', (list, origins) => {
    expect(configOf({ CORS_ORIGINS: list }).corsOrigins).toEqual(origins);
  });

  it.each([
    '*',
    'app.example',
    'https://app.example/path',
    'null',
    'file:///x',
    'https://*.app.example',
    'https://a,b',
  ])('refuses the origins %s by the name of the setting', (list) => {
    expect(() => configOf({ CORS_ORIGINS: list })).toThrow(SettingError);
    expect(() => configOf({ CORS_ORIGINS: list })).toThrow(
      /^Setting CORS_ORIGINS must list whole origins such as /,
    );
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['WORKERS', '0'],
    ['WORKERS', '65'],
    ['WORKERS', 'auto'],
    ['MAX_BODY_BYTES', '1023'],
    ['MAX_BODY_BYTES', '1073741825'],
    ['MAX_BODY_BYTES', '1mb'],
    ['SHUTDOWN_SECONDS', '0'],
    ['SHUTDOWN_SECONDS', '3601'],
  ])('refuses %s=%s by its name', (setting, value) => {
    expect(() => configOf({ [setting]: value })).toThrow(SettingError);
    expect(() => configOf({ [setting]: value })).toThrow(
      new RegExp(`^Setting ${setting} must be .*"${value}"\\.$`),
    );
  });
});
