import { type BigIntStats, unwatchFile, watchFile } from 'node:fs';
import { Logger } from '@nestjs/common';
import type { Snapshots } from './snapshots.js';

/** How often the file is looked at: one stat. */
const LOOK_MS = 500;

/**
 * Loads the snapshot anew when its file is another, and on SIGHUP.
 *
 * It looks again and again, and does not wait to be told: what tells of changes is lost with the folder it watches,
 * and is silent on network disks.
 */
export class SnapshotWatcher {
  private readonly logger = new Logger(SnapshotWatcher.name);
  private readonly onSignal = () => void this.snapshots.load();
  private readonly onChange = (now: BigIntStats) => this.look(now);

  constructor(private readonly snapshots: Snapshots) {}

  /** Loads it for the first time, and from then on when it changes. */
  async start(): Promise<void> {
    process.on('SIGHUP', this.onSignal);
    // Before it is loaded: what changes meanwhile is a change.
    watchFile(this.snapshots.file, { bigint: true, persistent: false, interval: LOOK_MS }, this.onChange);
    await this.snapshots.load();
  }

  /** Ends it. */
  stop(): void {
    process.off('SIGHUP', this.onSignal);
    unwatchFile(this.snapshots.file, this.onChange as () => void);
  }

  private look({ nlink }: BigIntStats): void {
    if (nlink > 0n) return void this.snapshots.load();
    // Gone is not replaced: it may be between two names, or a mistake. What is in memory stays.
    if (this.snapshots.isOn) {
      const { file } = this.snapshots;
      this.logger.warn(`Search goes on with the old snapshot. There is no file ${file} any more.`);
    }
  }
}
