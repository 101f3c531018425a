import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { CACHE_OPTIONS, type CacheOptions } from './cache-options.js';
import { ResponseCacheInterceptor } from './response-cache.interceptor.js';

/**
 * Keeps the answers of a GET handler, which must not depend on who asks (docs/response-cache.md).
 *
 * Those who ask for the same while it is made wait for it together.
 */
export function CacheResponse(options: CacheOptions): MethodDecorator {
  return applyDecorators(
    SetMetadata(CACHE_OPTIONS, options),
    UseInterceptors(ResponseCacheInterceptor),
    ApiResponse({
      status: 304,
      description: 'The client has it: its ETag is one of those in If-None-Match',
    }),
  );
}
