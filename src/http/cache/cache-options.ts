import type { Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ObjectLiteral } from 'typeorm';

/** Where `@CacheResponse` leaves a handler's options. */
export const CACHE_OPTIONS = 'daybook:cache-options';

/** A class that is kept in a table. */
export type EntityClass = Type<ObjectLiteral>;

/** What an answer depends on: an entity that it was read from, or a name for anything else. */
export type Tag = string | EntityClass;

/** How the answers of a handler are kept. */
export interface CacheOptions {
  /** Seconds after which an answer is made anew, whatever happens. */
  readonly ttl: number;
  /**
   * What else ends it: a commit that may have changed one of these entities, in whatever process, or
   * `ResponseCache.invalidate(name)`. Name every entity that the handler reads.
   */
  readonly tags?: readonly Tag[];
  /**
   * The request headers that the answer depends on. A function tells what it is in a header that matters, so that
   * not every spelling is kept by itself.
   */
  readonly vary?: Readonly<Record<string, true | ((request: FastifyRequest) => string)>>;
}
