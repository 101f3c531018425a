/** How long a line may wait for others. */
const FLUSH_MS = 20;

/** What a pipe takes in one piece (pipe(7), PIPE_BUF): workers share one, and their lines must stay whole. */
const PIECE_BYTES = 4_096;

/**
 * Gathers lines and writes them together: a write to a stream costs several times as much as making a line.
 * What has been logged is written when the process exits, unless it is killed.
 */
export class LineBuffer {
  private lines = '';
  private bytes = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly stream: Pick<NodeJS.WritableStream, 'write'>) {
    process.on('exit', () => this.flush());
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

  private flush(): void {
    if (this.lines !== '') this.stream.write(this.lines);
    this.lines = '';
    this.bytes = 0;
  }
}
