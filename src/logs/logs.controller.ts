import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Post,
  Query,
  Req,
  type StreamableFile,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { NDJSON } from '../http/json-lines.js';
import { LastEventId } from '../http/last-event-id.js';
import { ApiProblems } from '../http/openapi.js';
import { Lines } from '../http/pages/page-routes.js';
import { type BodyStream, Streamed, StreamedBody } from '../http/streamed-body.js';
import { CreateLogDto } from './dto/create-log.dto.js';
import { IngestLogDto, IngestQueryDto, IngestReportDto } from './dto/ingest.dto.js';
import { LogCreatedDto, LogDto, LogListDto } from './dto/log.dto.js';
import { LogsQueryDto } from './dto/logs-query.dto.js';
import { StreamQueryDto } from './dto/stream-query.dto.js';
import { LogIngest } from './ingest/log-ingest.js';
import { LogsService } from './logs.service.js';
import { LogStream } from './stream/log-stream.js';

/** `/log` and `/logs`. */
@ApiTags('logs')
@Controller()
export class LogsController {
  constructor(
    private readonly logs: LogsService,
    private readonly ingestion: LogIngest,
    private readonly stream: LogStream,
  ) {}

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

  @Post('logs')
  @HttpCode(200)
  @StreamedBody('logs')
  @ApiOperation({
    summary: 'Add many log entries',
    description:
      'An array of entries, or one entry a line. The body is read as it comes and may be large (`BULK_MAX_BYTES`), an ' +
      'entry as large as in a request of its own. Entries without faults are kept, each as soon as some hundred have ' +
      'come; with `atomic` all are kept together, or none. Where none is kept, as all have faults, that is a 422.',
    // Not @ApiBody, which gives all content types one schema.
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: getSchemaPath(IngestLogDto) } } },
        [NDJSON]: {
          schema: { type: 'string', description: 'One entry a line, each as an element of the array' },
          example: '{"message":"The backup is done"}\n{"message":"The disk is full"}\n',
        },
      },
    },
  })
  @ApiExtraModels(IngestLogDto)
  @ApiOkResponse({ description: 'All of the body was read', type: IngestReportDto })
  @ApiProblems(
    'request-timeout',
    'body-too-large',
    'bulk-too-large',
    'unsupported-bulk-type',
    'validation-failed',
    'bulk-refused',
    'bulk-broken',
    'too-busy',
  )
  ingest(@Query() { atomic }: IngestQueryDto, @Streamed() body: BodyStream): Promise<IngestReportDto> {
    return this.ingestion.ingest(body, atomic);
  }

  @Get('logs')
  @Header('content-type', 'application/json')
  @ApiOperation({
    summary: 'List log entries',
    description:
      'By id, streamed. All of them, if nothing else is said. With `limit` or `after` they end before the first to ' +
      'which a smaller id may still come, so that going on after the last one leaves none out. With the header ' +
      '`Accept: application/x-ndjson` one entry a line.',
  })
  @ApiExtraModels(LogDto, LogListDto)
  @ApiOkResponse({
    description: 'The entries',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(LogListDto) } },
      [NDJSON]: { schema: { $ref: getSchemaPath(LogDto) } },
    },
  })
  @ApiProblems('validation-failed')
  list(@Query() query: LogsQueryDto): Promise<string | StreamableFile> {
    return this.logs.list(query);
  }

  @Get('logs')
  @Lines()
  listLines(@Query() query: LogsQueryDto): Promise<string | StreamableFile> {
    return this.logs.listLines(query);
  }

  @Get('logs/stream')
  @Header('content-type', 'text/event-stream')
  @Header('cache-control', 'no-store')
  // Nothing in between may wait for more, and the connection has no use behind the stream.
  @Header('x-accel-buffering', 'no')
  @Header('connection', 'close')
  @ApiOperation({
    summary: 'Watch log entries',
    description:
      "Server-sent events, for a browser's `EventSource` and for `curl -N`: an event `log` for each entry as it comes, " +
      'whoever has written it, by id, none twice and none left out. Its data is the entry, its id that of the entry, ' +
      'and a client that connects again goes on behind the last one. Where no entry can have had the id that it ' +
      'names, as the database is another, it gets an event `reset` with the newest id and goes on from there. One that is ' +
      'too slow gets an event `dropped` and is disconnected. A comment every 15 seconds keeps the connection open.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    description: 'The id of the last event that was received',
    schema: { type: 'integer' },
  })
  @ApiOkResponse({
    description: 'The events, without an end',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example:
          'id: 1\nevent: log\ndata: {"id":1,"message":"The backup is done","timestamp":"2026-11-22T15:00:00.123Z"}\n\n',
      },
    },
  })
  @ApiProblems('validation-failed', 'too-many-streams')
  watch(
    @Query() { after }: StreamQueryDto,
    @LastEventId() last: number | null,
    @Req() { method }: FastifyRequest,
  ): Promise<StreamableFile> | undefined {
    return method === 'HEAD' ? undefined : this.stream.open(last ?? after);
  }
}
