import { Body, Controller, Get, Header, HttpCode, Post, Query, type StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { NDJSON } from '../http/json-lines.js';
import { ApiProblems } from '../http/openapi.js';
import { Lines } from '../http/pages/page-routes.js';
import { type BodyStream, Streamed, StreamedBody } from '../http/streamed-body.js';
import { CreateLogDto } from './dto/create-log.dto.js';
import { IngestLogDto, IngestQueryDto, IngestReportDto } from './dto/ingest.dto.js';
import { LogCreatedDto, LogDto, LogListDto } from './dto/log.dto.js';
import { LogsQueryDto } from './dto/logs-query.dto.js';
import { LogIngest } from './ingest/log-ingest.js';
import { LogsService } from './logs.service.js';

/** What the answer depends on; the origin where web pages of others may read it. */
const VARY = 'accept, origin';

/** `/log` and `/logs`. */
@ApiTags('logs')
@Controller()
export class LogsController {
  constructor(
    private readonly logs: LogsService,
    private readonly ingestion: LogIngest,
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
  @StreamedBody()
  @ApiOperation({
    summary: 'Add many log entries',
    description:
      'One entry a line, or an array of them. The body is read as it comes and may be large (`BULK_MAX_BYTES`), an ' +
      'entry as large as in a request of its own. Entries without faults are kept, each as soon as some hundred have ' +
      'come; with `atomic` all are kept together, or none.',
  })
  @ApiConsumes(NDJSON, 'application/json')
  @ApiExtraModels(IngestLogDto)
  @ApiBody({
    required: true,
    schema: { type: 'array', items: { $ref: getSchemaPath(IngestLogDto) } },
  })
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
  @Header('vary', VARY)
  @ApiOperation({
    summary: 'List log entries',
    description:
      'By id, which is the order in which they came, streamed. All of them, if nothing else is said. With the header ' +
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
  @Header('vary', VARY)
  listLines(@Query() query: LogsQueryDto): Promise<string | StreamableFile> {
    return this.logs.listLines(query);
  }
}
