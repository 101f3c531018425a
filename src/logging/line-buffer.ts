import { once } from 'node:events';
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
  private full = false;

  constructor(private readonly stream: Writable) {
    stream.on('drain', () => this.writeOn());
    stream.on('error', () => (this.pieces.length = 0));
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
    if (!this.full) this.writeOn();
  }

  /** Resolves when all that was logged has left the process. */
  async drained(): Promise<void> {
    this.flush();
    while (this.full) await once(this.stream, 'drain');
  }

  private writeOn(): void {
    this.full = false;
    for (let piece = this.pieces.shift(); piece !== undefined; piece = this.pieces.shift()) {
      this.full = !this.stream.write(piece);
      if (this.full) return;
    }
  }
}
