import { resolve } from 'node:path';
import { DatabaseConfig } from './database.config.js';
import { SettingError, SettingsReader } from './environment.js';

const configOf = (environment: Record<string, string> = {}) =>
  new DatabaseConfig(new SettingsReader(environment));

describe('DatabaseConfig', () => {
  it('has defaults', () => {
    const config = configOf();
    expect({ ...config }).toEqual({
      url: 'sqlite:data/daybook.sqlite',
      engine: 'sqlite',
      poolSize: 10,
      connectSeconds: 30,
      writeWaitMs: 10_000,
      writeLimitMs: 5_000,
    });
    expect(config.file).toBe(resolve('data/daybook.sqlite'));
  });

  it('reads each setting', () => {
    const config = configOf({
      DATABASE_URL: 'postgres://ada@db/daybook',
      DATABASE_POOL_SIZE: '3',
      DATABASE_CONNECT_SECONDS: '0',
      WRITE_WAIT_MS: '1',
      WRITE_LIMIT_MS: '2',
    });
    expect({ ...config }).toEqual({
      url: 'postgres://ada@db/daybook',
      engine: 'postgres',
      poolSize: 3,
      connectSeconds: 0,
      writeWaitMs: 1,
      writeLimitMs: 2,
    });
  });

  it.each([
    ['sqlite:a.sqlite', resolve('a.sqlite')],
    ['sqlite:a/b.sqlite', resolve('a/b.sqlite')],
    ['sqlite:./a.sqlite', resolve('a.sqlite')],
    ['sqlite:../a.sqlite', resolve('../a.sqlite')],
    ['sqlite:/a/b.sqlite', '/a/b.sqlite'],
    ['sqlite:///a/b.sqlite', '/a/b.sqlite'],
    ['sqlite://a/b.sqlite', resolve('a/b.sqlite')],
    ['SQLite:a.sqlite', resolve('a.sqlite')],
    ['sqlite:with blanks/ü.sqlite', resolve('with blanks/ü.sqlite')],
  ])('finds the file of %s', (url, file) => {
    const config = configOf({ DATABASE_URL: url });
    expect(config.engine).toBe('sqlite');
    expect(config.file).toBe(file);
    expect(config.displayUrl).toBe(url);
  });

  it.each([
    ['postgres://ada:qwxyz@db/daybook', 'postgres://ada@db/daybook'],
    ['postgresql://ada:qwxyz@db:5433/daybook', 'postgresql://ada@db:5433/daybook'],
    ['POSTGRES://ada:qwxyz@db/daybook', 'postgres://ada@db/daybook'],
    ['postgres://ada:qw%40%2Fxyz@db/daybook?sslmode=require', 'postgres://ada@db/daybook'],
    ['postgres://ada:qw@xyz@db/daybook', 'postgres://ada@db/daybook'],
    ['postgres://db/daybook?user=ada&password=qwxyz', 'postgres://db/daybook'],
    ['postgres://:qwxyz@db/daybook', 'postgres://db/daybook'],
    ['postgres://ada:qwxyz@[::1]:5432/daybook', 'postgres://ada@[::1]:5432/daybook'],
  ])('shows %s without the password', (url, shown) => {
    const config = configOf({ DATABASE_URL: url });
    expect(config.engine).toBe('postgres');
    expect(config.url).toBe(url);
    expect(config.displayUrl).toBe(shown);
  });

  it.each([
    'mysql://ada:qwxyz@db/daybook',
    'postgres://ada:p@ss#qwxyz@db/daybook',
    'postgres://ada:qwxyz@db/daybook#qwxyz',
    'postgres://ada:qwxyz@db/daybook?options=-c%20x',
    'postgres://ada:qwxyz@db',
    'postgres:///daybook',
    'postgres://',
    'ada:qwxyz@db/daybook',
    'postgres:ada:qwxyz@db',
    'postgres://ada:qwxyz#@db/daybook',
    'postgres://ada:qwxyz/@db/daybook',
    'postgres://ada:qwxyz@db:port/daybook',
    'file:qwxyz.sqlite',
    'qwxyz.sqlite',
    'sqlite',
    'sqlite:',
    'sqlite://',
    'sqlite::memory:',
    'sqlite:file::memory:?qwxyz',
    'sqlite:qwxyz/',
  ])('refuses %s by the name of the setting, and repeats nothing of it', (url) => {
    expect(() => configOf({ DATABASE_URL: url })).toThrow(SettingError);
    expect(() => configOf({ DATABASE_URL: url })).toThrow(/^Setting DATABASE_URL (?!.*qwxyz).*\.$/);
  });

  it.each([
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_POOL_SIZE', '1001'],
    ['DATABASE_POOL_SIZE', 'many'],
    ['DATABASE_CONNECT_SECONDS', '-1'],
    ['DATABASE_CONNECT_SECONDS', '3601'],
    ['WRITE_WAIT_MS', '0'],
    ['WRITE_WAIT_MS', '600001'],
    ['WRITE_LIMIT_MS', '0'],
    ['WRITE_LIMIT_MS', '1.5'],
  ])('refuses %s=%s by its name, and says nothing of the database', (setting, value) => {
    const create = () => configOf({ DATABASE_URL: 'postgres://ada:qwxyz@db/daybook', [setting]: value });
    expect(create).toThrow(SettingError);
    expect(create).toThrow(new RegExp(`^Setting ${setting} must be a whole number from (?!.*qwxyz)`));
  });
});
