import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import type { SettingsReader } from './environment.js';

/** What `npm run build` makes of Daybook's own documentation; this file is in dist/src/config then. */
const OWN_DOCUMENTATION = fileURLToPath(new URL('../../assets/docs.sqlite', import.meta.url));

/** Where the documentation is that `/search` answers from. */
export class SearchConfig {
  /** `SEARCH_FILE`: a snapshot that `npm run docs:build` has made. Without it search is off, and the rest is not. */
  readonly file: string;

  constructor(settings: SettingsReader) {
    this.file = resolve(settings.text('SEARCH_FILE', OWN_DOCUMENTATION));
  }
}
