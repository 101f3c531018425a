import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { HealthIndicatorService } from '@nestjs/terminus';
import { SessionDataSource } from '../database/index.js';

/** Whether the database answers and takes writes. */
@Injectable()
export class DatabaseHealth {
  private readonly logger = new Logger(DatabaseHealth.name);

  constructor(
    private readonly indicator: HealthIndicatorService,
    @InjectDataSource() private readonly dataSource: SessionDataSource,
  ) {}

  async check() {
    const database = this.indicator.check('database');
    try {
      await this.dataSource.query('SELECT 1');
      await this.dataSource.probe();
      return database.up();
    } catch (error) {
      // Not to the client: it may name hosts and paths.
      this.logger.warn(`Not ready: ${String(error)}`);
      return database.down('The database does not answer or takes no writes.');
    }
  }
}
