import type { SettingsReader } from './environment.js';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const FORMATS = ['auto', 'json', 'pretty'] as const;

/** What the service writes about itself on standard output. */
export class LogConfig {
  /** `LOG_LEVEL`: the least important lines that are written. Requests are `info`. */
  readonly level: (typeof LEVELS)[number];
  /** `LOG_FORMAT`: `auto` is `pretty` on a terminal and `json` elsewhere. */
  readonly format: (typeof FORMATS)[number];

  constructor(settings: SettingsReader) {
    this.level = settings.oneOf('LOG_LEVEL', 'info', LEVELS);
    this.format = settings.oneOf('LOG_FORMAT', 'auto', FORMATS);
  }
}
