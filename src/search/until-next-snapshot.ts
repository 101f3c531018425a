import type { CacheOptions } from '../http/cache/cache-options.js';

/** What ends the answers of the search that are kept. */
export const SNAPSHOT_TAG = 'snapshot';

/** How they are kept: until there is another snapshot, and no longer than a day. */
export const UNTIL_NEXT_SNAPSHOT: CacheOptions = { ttl: 86_400, tags: [SNAPSHOT_TAG] };
