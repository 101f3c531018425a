import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Logger } from '@nestjs/common';
import type { Snapshots } from './snapshots.js';

/** Several events come for one change. */
const QUIET_MS = 100;

/** Loads the snapshot anew when its file is another, and on SIGHUP. */
export class SnapshotWatcher {
  private readonly logger = new Logger(SnapshotWatcher.name);
  private readonly onSignal = () => void this.snapshots.load();
  private watcher?: FSWatcher;
  private timer?: NodeJS.Timeout;
  private seen = '';

  constructor(private readonly snapshots: Snapshots) {}

  /** Loads it for the first time, and from then on when it changes. */
  async start(): Promise<void> {
    process.on('SIGHUP', this.onSignal);
    try {
      // The folder and not the file: a file that is renamed over another is not the one that was watched.
      this.watcher = watch(dirname(this.snapshots.file), { persistent: false }, (_event, name) => {
        // The database may be in the same folder, where something is written all the time.
        if (name === null || name === basename(this.snapshots.file)) this.lookSoon();
      });
      this.watcher.on('error', (error) => this.tell(error));
    } catch (error) {
      this.tell(error);
    }
    this.seen = await this.stamp();
    await this.snapshots.load();
  }

  /** Ends it. */
  stop(): void {
    process.off('SIGHUP', this.onSignal);
    this.watcher?.close();
    clearTimeout(this.timer);
  }

  private lookSoon(): void {
    // Not begun anew by each event: a file that is written without end would never be looked at.
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.look();
    }, QUIET_MS).unref();
  }

  private async look(): Promise<void> {
    const stamp = await this.stamp();
    // Gone is not replaced: between two names, or by mistake. What is in memory stays.
    if (stamp === this.seen || stamp === '') return;
    this.seen = stamp;
    await this.snapshots.load();
  }

  /** Another when the file is another. */
  private async stamp(): Promise<string> {
    const found = await stat(this.snapshots.file, { bigint: true }).catch(() => undefined);
    return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : '';
  }

  private tell(error: unknown): void {
    this.logger.debug?.(`Changes of the search file are seen on SIGHUP only: ${String(error)}`);
  }
}
