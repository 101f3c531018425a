import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { createBirpc } from 'birpc';
import { ResponseCache } from '../http/cache/response-cache.js';
import type { Samples } from './samples.js';
import type { ParentSide, WorkerSide } from './workers-samples.js';

/** A parent that has not answered by then has gone. */
const SUM_MS = 5_000;

/** What this process has counted, and with `WORKERS` all of them together. */
@Injectable()
export class MetricsService {
  private readonly parent = cluster.isWorker
    ? createBirpc<ParentSide, WorkerSide>(
        { samples: () => this.own() },
        {
          // Without a callback, a parent that has gone would be an error of the process.
          post: (message: object) => process.send?.(message, undefined, undefined, () => undefined),
          on: (listen) => process.on('message', listen),
          timeout: SUM_MS,
        },
      )
    : undefined;

  constructor(private readonly cache: ResponseCache) {}

  /** Resolves to the counts. @throws Error in a worker whose parent does not answer */
  async read(): Promise<Samples> {
    return this.parent ? this.parent.sum() : this.own();
  }

  private own(): Samples {
    const { counts, size } = this.cache;
    const requests = Object.entries(counts).map(
      ([result, n]) => [`daybook_cache_requests_total{result="${result}"}`, n] as const,
    );
    return {
      ...Object.fromEntries(requests),
      daybook_cache_entries: size.entries,
      daybook_cache_bytes: size.bytes,
    };
  }
}
