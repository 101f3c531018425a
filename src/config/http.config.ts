import { SettingError, type SettingsReader } from './environment.js';

/** Where the service listens, and what it takes from a client. */
export class HttpConfig {
  /** `HOST`: the address to listen on. Only this machine can reach the default. */
  readonly host: string;
  /** `PORT`: the TCP port; 0 takes a free one. */
  readonly port: number;
  /** `WORKERS`: processes that share the port. */
  readonly workers: number;
  /** `MAX_BODY_BYTES`: the largest request body. */
  readonly maxBodyBytes: number;
  /** `BULK_MAX_BYTES`: the largest body of many log entries; each of them may have `MAX_BODY_BYTES`. */
  readonly bulkMaxBytes: number;
  /** `CORS_ORIGINS`: web origins whose pages may call the API, separated by commas. */
  readonly corsOrigins: string[];
  /** `SHUTDOWN_SECONDS`: how long running requests may take after SIGTERM. */
  readonly shutdownSeconds: number;

  constructor(settings: SettingsReader) {
    this.host = settings.text('HOST', '127.0.0.1');
    this.port = settings.integer('PORT', 8000, { min: 0, max: 65_535 });
    this.workers = settings.integer('WORKERS', 1, { min: 1, max: 64 });
    this.maxBodyBytes = settings.integer('MAX_BODY_BYTES', 1_048_576, { min: 1_024, max: 1_073_741_824 });
    this.bulkMaxBytes = settings.integer('BULK_MAX_BYTES', 2_147_483_648, {
      min: 1_024,
      max: Number.MAX_SAFE_INTEGER,
    });
    this.corsOrigins = settings.list('CORS_ORIGINS').map(toOrigin);
    this.shutdownSeconds = settings.integer('SHUTDOWN_SECONDS', 10, { min: 1, max: 3_600 });
  }
}

function toOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // "https://app.example/" is a slip a person makes; a path or a pattern is a misunderstanding.
  if (!url || text.includes('*') || url.origin !== text.replace(/\/$/, '').toLowerCase()) {
    throw new SettingError(
      'CORS_ORIGINS',
      'must list whole origins such as https://app.example, with commas between',
    );
  }
  return url.origin;
}
