import type { IncomingMessage } from 'node:http';
import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import accepts from 'accepts';
import type { FastifyReply } from 'fastify';
import { CacheResponse } from '../http/cache/cache-response.js';
import { ApiProblems } from '../http/openapi.js';
import { LANDING_PAGE } from './landing-page.js';

/** What this service is, for people and programs that come by. */
@ApiTags('home')
@Controller()
export class HomeController {
  @Get()
  @CacheResponse({ ttl: 60, vary: { accept: ({ headers }) => typeFor(headers.accept) } })
  @ApiOperation({ summary: 'Say hello', description: 'A greeting; a page with links for a browser.' })
  @ApiOkResponse({
    description: 'The greeting',
    content: {
      'application/json': { schema: { type: 'string' }, example: 'Hello, world!' },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @ApiProblems()
  hello(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const type = typeFor(accept);
    void reply.type(type);
    return type === 'text/html' ? LANDING_PAGE : '"Hello, world!"';
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

/** What a client likes best. Whoever takes anything, such as curl, gets the first. */
function typeFor(accept: string | undefined): 'application/json' | 'text/html' {
  const likes = accepts({ headers: { accept } } as IncomingMessage).type(['json', 'html']);
  return likes === 'html' ? 'text/html' : 'application/json';
}
