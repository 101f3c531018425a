import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CACHE_OPTIONS, type CacheOptions, type Tag } from './cache-options.js';
import { CachedRoute } from './cached-route.js';
import { ResponseCache } from './response-cache.js';

/**
 * All handlers with `@CacheResponse`, found at the start: each process has to know what all of them keep, to tell
 * the others of changes, before anybody asks for it.
 */
@Injectable()
export class CachedRoutes implements OnModuleInit {
  private readonly routes = new Map<unknown, CachedRoute>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly cache: ResponseCache,
  ) {}

  onModuleInit(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      if (!metatype) continue;
      const prototype = metatype.prototype as Record<string, object>;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const options = Reflect.getMetadata(CACHE_OPTIONS, prototype[method]!) as CacheOptions | undefined;
        if (options) this.routes.set(prototype[method], new CachedRoute(metatype as never, method, options));
      }
    }
    const tags = [...this.routes.values()].flatMap((route) => route.tags);
    this.cache.watch(tags.filter((tag): tag is Exclude<Tag, string> => typeof tag !== 'string'));
  }

  /** What is known of a handler. @throws Error where it has no `@CacheResponse` */
  of(handler: unknown): CachedRoute {
    const route = this.routes.get(handler);
    if (!route) throw new Error('A handler is cached that was not there at the start.');
    return route;
  }
}
