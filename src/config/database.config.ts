import { resolve } from 'node:path';
import { SettingError, type SettingsReader } from './environment.js';

/** Which database the service keeps its data in, and how long it waits for it. */
export class DatabaseConfig {
  /** `DATABASE_URL`: `sqlite:path/to/file` or `postgres://user:password@host:port/name`. */
  readonly url: string;
  readonly engine: 'sqlite' | 'postgres';
  /** `DATABASE_POOL_SIZE`: PostgreSQL connections of a process for reads, and as many again for writes. */
  readonly poolSize: number;
  /** `DATABASE_CONNECT_SECONDS`: how long the start waits for a PostgreSQL that is not there yet. */
  readonly connectSeconds: number;
  /** `WRITE_WAIT_MS`: how long a transaction waits for its turn before the client gets a 503. */
  readonly writeWaitMs: number;
  /** `WRITE_LIMIT_MS`: how long a transaction, or a statement on PostgreSQL, may run before it is given up. */
  readonly writeLimitMs: number;

  constructor(settings: SettingsReader) {
    this.url = settings.text('DATABASE_URL', 'sqlite:data/daybook.sqlite');
    this.engine = engineOf(this.url);
    this.poolSize = settings.integer('DATABASE_POOL_SIZE', 10, { min: 1, max: 1_000 });
    this.connectSeconds = settings.integer('DATABASE_CONNECT_SECONDS', 30, { min: 0, max: 3_600 });
    this.writeWaitMs = settings.integer('WRITE_WAIT_MS', 10_000, { min: 1, max: 600_000 });
    this.writeLimitMs = settings.integer('WRITE_LIMIT_MS', 5_000, { min: 1, max: 600_000 });
  }

  /** The absolute path of the SQLite file. Both `sqlite:a/b` and `sqlite:///a/b` are understood. */
  get file(): string {
    return resolve(this.url.replace(/^sqlite:(\/\/)?/i, ''));
  }

  /** The URL as it may be shown to people: without the password. */
  get displayUrl(): string {
    if (this.engine === 'sqlite') return this.url;
    const { protocol, username, host, pathname } = new URL(this.url);
    return `${protocol}//${username && `${username}@`}${host}${pathname}`;
  }
}

function engineOf(url: string): DatabaseConfig['engine'] {
  // The value is not repeated in these sentences: it may hold a password.
  if (/^postgres(ql)?:\/\//i.test(url)) {
    if (!URL.canParse(url))
      throw new SettingError('DATABASE_URL', 'is not a URL: percent-encode the password');
    const { hostname, pathname, hash, searchParams } = new URL(url);
    if (hash !== '' || pathname.length < 2 || (hostname === '' && !searchParams.has('host'))) {
      throw new SettingError(
        'DATABASE_URL',
        'must be postgres://user:password@host:port/database, with the password percent-encoded',
      );
    }
    if (searchParams.has('options')) {
      throw new SettingError('DATABASE_URL', 'must have no "options" in it: Daybook sets its own');
    }
    return 'postgres';
  }
  const file = /^sqlite:(?:\/\/)?(.*)$/i.exec(url)?.[1];
  if (file === undefined) throw new SettingError('DATABASE_URL', 'must begin with sqlite: or postgres://');
  if (file === '' || file.includes(':memory:') || file.endsWith('/')) {
    throw new SettingError('DATABASE_URL', 'must name a file, such as sqlite:data/daybook.sqlite');
  }
  return 'sqlite';
}
