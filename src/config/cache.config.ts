import type { SettingsReader } from './environment.js';

/** How much the response cache keeps. */
export class CacheConfig {
  /** `CACHE_MAX_BYTES`: the memory for answers that are kept; 0 keeps none. */
  readonly maxBytes: number;

  constructor(settings: SettingsReader) {
    this.maxBytes = settings.integer('CACHE_MAX_BYTES', 16_777_216, { min: 0, max: 17_179_869_184 });
  }
}
