import { Controller, Get, Header } from '@nestjs/common';
import { ApiNotModifiedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CacheResponse } from '../http/cache/cache-response.js';
import { ApiProblems } from '../http/openapi.js';
import { Page } from '../http/pages/page-routes.js';
import { LANDING_PAGE } from './landing-page.js';

/** What this service is, for people and programs that come by. */
@ApiTags('home')
@Controller()
export class HomeController {
  @Get()
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'Say hello', description: 'A greeting; a page with links for a browser.' })
  @ApiOkResponse({
    description: 'The greeting',
    content: {
      'application/json': { schema: { type: 'string' }, example: 'Hello, world!' },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @ApiNotModifiedResponse({
    description: 'The browser has the page: its ETag is one of those in If-None-Match',
  })
  @ApiProblems()
  hello(): string {
    return '"Hello, world!"';
  }

  @Get()
  @Page()
  @CacheResponse({ ttl: 60 })
  page(): string {
    return LANDING_PAGE;
  }

  @Get('info')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'Name the framework', description: 'What this service is built with.' })
  @ApiOkResponse({
    description: 'The name',
    content: { 'application/json': { schema: { type: 'string' }, example: 'nestjs' } },
  })
  @ApiProblems()
  info(): string {
    return '"nestjs"';
  }
}
