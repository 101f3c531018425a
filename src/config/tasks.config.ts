import type { SettingsReader } from './environment.js';

/** The limits for tasks that a site may set. */
export class TasksConfig {
  /** `TASKS_IMPORT_MAX_BYTES`: the largest file that is imported, over HTTP or on the command line. */
  readonly importMaxBytes: number;

  constructor(settings: SettingsReader) {
    // It is parsed as a whole, which takes some six times its size for a moment.
    this.importMaxBytes = settings.integer('TASKS_IMPORT_MAX_BYTES', 33_554_432, {
      min: 1_024,
      max: 268_435_456,
    });
  }
}
