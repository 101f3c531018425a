/** How long a line may wait for others. */
const FLUSH_MS = 20;

/**
 * Gathers lines and writes them together: a write to a stream costs several times as much as making a line.
 * What has been logged is written when the process exits, unless it is killed.
 */
export class LineBuffer {
  private lines = '';

  constructor(private readonly stream: Pick<NodeJS.WritableStream, 'write'>) {
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.lines === '') setTimeout(() => this.flush(), FLUSH_MS).unref();
    this.lines += line;
  }

  private flush(): void {
    if (this.lines !== '') this.stream.write(this.lines);
    this.lines = '';
  }
}
