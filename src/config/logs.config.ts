import type { SettingsReader } from './environment.js';

/** How log entries are watched, and how long they are kept. (What the service logs about itself: LogConfig.) */
export class LogsConfig {
  /** `LOG_STREAMS`: how many may watch at once, in each process. */
  readonly streams: number;
  /** `LOG_RETENTION_DAYS`: older entries are deleted; 0 keeps all. */
  readonly retentionDays: number;
  /** `LOG_RETENTION_ROWS`: of more entries the oldest are deleted; 0 keeps all. */
  readonly retentionRows: number;

  constructor(settings: SettingsReader) {
    this.streams = settings.integer('LOG_STREAMS', 100, { min: 0, max: 100_000 });
    this.retentionDays = settings.integer('LOG_RETENTION_DAYS', 0, { min: 0, max: 36_500 });
    this.retentionRows = settings.integer('LOG_RETENTION_ROWS', 0, { min: 0, max: 2_147_483_647 });
  }
}
