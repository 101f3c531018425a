import type { Writable } from 'node:stream';

/** How long a line may wait for others. */
const FLUSH_MS = 20;

/** What a pipe takes in one piece (pipe(7), PIPE_BUF): workers share one, and their lines must stay whole. */
const PIECE_BYTES = 4_096;

/** What waits at most for a reader that is behind: 4 MiB. Older lines are lost then, and not the service's memory. */
const MAX_PIECES = 1_024;

/**
 * Gathers lines and writes them together: a write to a stream costs several times as much as making a line.
 * What has been logged is written when the process exits, unless it is killed.
 */
export class LineBuffer {
  private lines = '';
  private bytes = 0;
  private timer?: NodeJS.Timeout;
  /** What waits for a reader that is behind: the stream would put pieces together. */
  private readonly pieces: string[] = [];
  private writing = false;
  private whenDrained?: () => void;

  constructor(private readonly stream: Pick<Writable, 'write'>) {
    process.on('exit', () => {
      this.flush();
      if (this.pieces.length > 0) stream.write(this.pieces.join(''));
    });
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.bytes + bytes > PIECE_BYTES) this.flush();
    this.lines += line;
    this.bytes += bytes;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, FLUSH_MS).unref();
  }

  /** Does not wait for other lines any more. */
  flush(): void {
    if (this.lines === '') return;
    this.pieces.push(this.lines);
    if (this.pieces.length > MAX_PIECES) this.pieces.shift();
    this.lines = '';
    this.bytes = 0;
    if (!this.writing) this.writeNext();
  }

  /** Resolves when all that was logged has left the process. */
  async drained(): Promise<void> {
    this.flush();
    if (this.writing) await new Promise<void>((resolve) => (this.whenDrained = resolve));
  }

  private writeNext(): void {
    const piece = this.pieces.shift();
    this.writing = piece !== undefined;
    // Called with an error as well, as on a full disk: that piece is lost.
    if (piece !== undefined) this.stream.write(piece, () => this.writeNext());
    else this.whenDrained?.();
  }
}
