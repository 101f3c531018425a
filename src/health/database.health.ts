import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { HealthIndicatorService } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { UnitRunner } from '../database/unit-of-work.js';

/** Whether the database answers and takes writes. */
@Injectable()
export class DatabaseHealth {
  private readonly logger = new Logger(DatabaseHealth.name);

  constructor(
    private readonly indicator: HealthIndicatorService,
    @InjectDataSource() private readonly reader: DataSource,
    private readonly units: UnitRunner,
  ) {}

  async check() {
    const database = this.indicator.check('database');
    try {
      await this.reader.query('SELECT 1');
      await this.units.probe();
      return database.up();
    } catch (error) {
      // Not to the client: it may name hosts and paths.
      this.logger.warn(`Not ready: ${String(error)}`);
      return database.down('The database does not answer or takes no writes.');
    }
  }
}
