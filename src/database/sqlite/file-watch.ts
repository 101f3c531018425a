import { Logger } from '@nestjs/common';
import type { Database } from 'better-sqlite3';
import type { OpenFiles } from './open-files.js';

/** How often the names are looked at where nobody writes: a stat each. */
const LOOK_MS = 1_000;

/** Looks after the names of the files that are open, and tells once where they lead elsewhere. */
export class FileWatch {
  private readonly logger = new Logger('Database');
  private timer?: NodeJS.Timeout;
  private isLogEmpty = false;

  /**
   * @param writer the connection that writes
   * @param release closes all connections when what runs has ended
   */
  constructor(
    private readonly files: OpenFiles,
    private readonly writer: Database,
    private readonly release: () => Promise<void>,
  ) {}

  begin(): void {
    this.files.onLost = ({ message }) => {
      this.logger.error(
        `${message} Every request that needs the database is answered with 503 until a restart: stop Daybook, put ` +
          'the file back or restore a backup, and start it. See docs/operations.md, "A database file that is removed or replaced".',
      );
    };
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** To be called when nothing is written any more, and before the connections are closed. */
  end(): void {
    clearInterval(this.timer);
    if (this.files.isLost) this.emptyLog();
  }

  private look(): void {
    if (!this.files.isLost || this.writer.inTransaction) return;
    this.emptyLog();
    // What is in no folder any more can still be copied out of this process.
    if (this.files.isGone) return;
    // Another file has the name: who opens it must not share a log and its index with this process.
    clearInterval(this.timer);
    void this.release();
  }

  /** Has the file whole, wherever it is now, and its log of no harm to another that has the name. */
  private emptyLog(): void {
    // Once: from then on what is in it is another's.
    if (this.isLogEmpty || this.files.isLogShared) return;
    try {
      const [{ busy }] = this.writer.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
      this.isLogEmpty = busy === 0;
    } catch {
      // Nothing in it was promised that would be kept: all that was is lost with the file, or in it.
    }
  }
}
