import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { CacheResponse } from './cache/cache-response.js';

/** The OpenAPI document, which is made when all routes are known. */
@ApiExcludeController()
@Controller('openapi.json')
export class OpenApiController {
  document?: () => Promise<OpenAPIObject>;

  @Get()
  @Header('content-type', 'application/json')
  @CacheResponse({ ttl: 60 })
  async read(): Promise<string> {
    return JSON.stringify(await this.document?.());
  }
}
