import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { HealthIndicatorService } from '@nestjs/terminus';
import { SessionDataSource } from '../database/index.js';

/** Whoever asks has an answer by then. */
const LIMIT_MS = 5_000;

/** Whether the database answers and takes writes. */
@Injectable()
export class DatabaseHealth {
  private readonly logger = new Logger(DatabaseHealth.name);
  private running?: Promise<void>;

  constructor(
    private readonly indicator: HealthIndicatorService,
    @InjectDataSource() private readonly dataSource: SessionDataSource,
  ) {}

  async check() {
    const database = this.indicator.check('database');
    try {
      await this.probe();
      return database.up();
    } catch (error) {
      // Not to the client: it may name hosts and paths.
      this.logger.warn(`Not ready: ${String(error)}`);
      return database.down('The database does not answer or takes no writes.');
    }
  }

  /** One probe for all who ask while it runs: where the database hangs they would have a connection each. */
  private async probe(): Promise<void> {
    this.running ??= this.probeOnce().finally(() => (this.running = undefined));
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error(`no answer in ${LIMIT_MS} ms`)), LIMIT_MS);
    await Promise.race([this.running, timeout.promise]).finally(() => clearTimeout(timer));
  }

  private async probeOnce(): Promise<void> {
    await this.dataSource.query('SELECT 1');
    await this.dataSource.probe();
  }
}
