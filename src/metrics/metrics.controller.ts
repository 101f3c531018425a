import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ResponseCache } from '../http/cache/response-cache.js';
import { ApiProblems } from '../http/openapi.js';

/** What the process counts, for Prometheus. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly cache: ResponseCache) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Count',
    description: "What this process has counted since its start, in Prometheus' text format.",
  })
  @ApiOkResponse({
    description: 'The counts',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ApiProblems()
  read(): string {
    const { counts, size } = this.cache;
    return [
      '# HELP daybook_cache_requests_total Requests for what may be cached, by how they were answered.',
      '# TYPE daybook_cache_requests_total counter',
      ...Object.entries(counts).map(([how, n]) => `daybook_cache_requests_total{result="${how}"} ${n}`),
      '# HELP daybook_cache_entries Answers that are kept.',
      '# TYPE daybook_cache_entries gauge',
      `daybook_cache_entries ${size.entries}`,
      '# HELP daybook_cache_bytes Memory of the answers that are kept, about.',
      '# TYPE daybook_cache_bytes gauge',
      `daybook_cache_bytes ${size.bytes}`,
      '',
    ].join('\n');
  }
}
