import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../http/openapi.js';
import { LANDING_PAGE } from './landing-page.js';

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
  hello(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const html = accept?.includes('text/html') === true;
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
