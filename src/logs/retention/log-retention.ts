import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WHY_NOT_AT_FIRST, whySuspect } from './clock-trust.js';
import { LogSweeper, type SweepReport } from './log-sweeper.js';

const FIRST_MS = 10_000;
const EVERY_MS = 60_000;

/** Has log entries swept as long as the service runs. */
@Injectable()
export class LogRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LogRetention.name);
  private readonly stop = new AbortController();
  private running?: Promise<void>;
  /** The suspicion that was told last. */
  private told?: number;

  constructor(private readonly sweeper: LogSweeper) {}

  onApplicationBootstrap(): void {
    if (this.sweeper.isWanted) this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** Sweeps once, and logs what is new. */
  async sweep(): Promise<void> {
    try {
      this.tell(await this.sweeper.sweep({ signal: this.stop.signal }));
    } catch (error) {
      this.logger.warn(`Old log entries could not be deleted: ${String(error)}`);
    }
  }

  private async run(): Promise<void> {
    for (let wait = FIRST_MS; await this.passes(wait); wait = EVERY_MS) await this.sweep();
  }

  private tell({ ran, deleted, isFirst, suspectSince }: SweepReport): void {
    if (deleted > 0) this.logger.log(`${deleted} log entries are deleted that were not to be kept any more`);
    if (isFirst) this.logger.log(WHY_NOT_AT_FIRST);
    if (!ran || suspectSince?.getTime() === this.told) return;
    if (suspectSince) this.logger.warn(whySuspect(suspectSince));
    else this.logger.log('LOG_RETENTION_DAYS deletes log entries again.');
    this.told = suspectSince?.getTime();
  }

  /** Waits. Answers false where the service stops. */
  private async passes(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.stop.signal, ref: false }).catch(() => undefined);
    return !this.stop.signal.aborted;
  }
}
