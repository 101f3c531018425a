import { Body, Controller, Get, Header, HttpCode, Post, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/openapi.js';
import { CreateLogDto } from './dto/create-log.dto.js';
import { LogCreatedDto, LogListDto } from './dto/log.dto.js';
import { LogsService } from './logs.service.js';

/** `/log` and `/logs`. */
@ApiTags('logs')
@Controller()
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Post('log')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Add a log entry',
    description: 'Keeps a message with the time at which it came.',
  })
  @ApiOkResponse({ description: 'The entry is on the disk', type: LogCreatedDto })
  @ApiProblems('body-too-large', 'unsupported-media-type', 'validation-failed')
  create(@Body() entry: CreateLogDto): Promise<LogCreatedDto> {
    return this.logs.create(entry);
  }

  @Get('logs')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List all log entries', description: 'All of them, oldest first, streamed.' })
  @ApiOkResponse({ description: 'The entries', type: LogListDto })
  @ApiProblems()
  list(): Promise<string | StreamableFile> {
    return this.logs.list();
  }
}
