import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CachedRoutes } from './cached-routes.js';
import { ResponseCache } from './response-cache.js';

/** The response cache, for `@CacheResponse` on any handler and for those who invalidate. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [CachedRoutes, ResponseCache],
  exports: [CachedRoutes, ResponseCache],
})
export class ResponseCacheModule {}
