import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { HealthIndicatorService } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { UnitRunner } from '../database/unit-of-work.js';

/** Whether the database answers and takes writes. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly indicator: HealthIndicatorService,
    @InjectDataSource() private readonly reader: DataSource,
    private readonly units: UnitRunner,
  ) {}

  async check() {
    const session = this.indicator.check('database');
    try {
      await this.reader.query('SELECT 1');
      await this.units.probe();
      return session.up();
    } catch {
      // The cause may name hosts and paths; it is in the log of the requests that meet it.
      return session.down('The database does not answer or takes no writes.');
    }
  }
}
