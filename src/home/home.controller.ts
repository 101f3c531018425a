import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import accepts from 'accepts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../http/openapi.js';
import { LANDING_PAGE } from './landing-page.js';

/** What this service is, for people and programs that come by. */
@ApiTags('home')
@Controller()
export class HomeController {
  @Get()
  @Header('vary', 'accept')
  @ApiOperation({ summary: 'Say hello', description: 'A greeting; a page with links for a browser.' })
  @ApiOkResponse({
    description: 'The greeting',
    content: {
      'application/json': { schema: { type: 'string' }, example: 'Hello, world!' },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @ApiProblems()
  hello(@Req() { raw }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    // Whoever takes anything, such as curl, gets the first.
    const html = accepts(raw).type(['json', 'html']) === 'html';
    void reply.type(html ? 'text/html' : 'application/json');
    return html ? LANDING_PAGE : '"Hello, world!"';
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
