import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/openapi.js';
import { MetricsService } from './metrics.service.js';
import { toPrometheusText } from './prometheus-text.js';

/** What the service counts, for Prometheus. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Count',
    description:
      "What was counted since the start, by all workers together, in Prometheus' text format. Processes that were " +
      'started one by one count each by itself.',
  })
  @ApiOkResponse({
    description: 'The counts',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ApiProblems()
  async read(): Promise<string> {
    return toPrometheusText(await this.metrics.read());
  }
}
