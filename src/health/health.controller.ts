import { Controller, Get, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { ApiProblems } from '../http/openapi.js';
import { DatabaseHealth } from './database.health.js';
import { HealthFilter } from './health.filter.js';

/** Whether the process lives, and whether it can do its work. */
@ApiTags('health')
@Controller('health')
@UseFilters(HealthFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealth,
  ) {}

  @Get('live')
  @HealthCheck()
  @ApiOperation({ summary: 'Does it run?', description: 'Restart the process when this does not answer.' })
  @ApiProblems()
  live() {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  @ApiOperation({
    summary: 'Can it do its work?',
    description: 'Send no requests while this is 503: the database is away or takes no writes.',
  })
  @ApiProblems()
  ready() {
    return this.health.check([() => this.database.check()]);
  }
}
