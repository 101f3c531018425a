import { Readable } from 'node:stream';

/** What waits for a client at most. The buffers are the same for all clients. */
const MAX_BYTES = 4_194_304;

/** How long a client that is dropped, or a service that stops, waits for the rest to be taken. */
const LINGER_MS = 10_000;
const STOP_MS = 500;

const DROPPED = Buffer.from(
  'event: dropped\ndata: {"reason":"slow","detail":"Connect again with the id of the last event."}\n\n',
);

/** One who watches: a stream of server-sent events, and what waits to be sent. */
export class StreamClient {
  readonly stream: Readable;
  /** The id of the last entry that was put in its way. */
  cursor: number;
  /** What it gets before all entries. */
  first?: Buffer;
  /** It gets each event as it comes: all before were sent. */
  live = false;
  private queue: Buffer[] = [];
  private queued = 0;
  private ended = false;
  private took = true;
  private wake?: () => void;

  /**
   * @param after the id behind which it begins
   * @param before what is sent before it joins the others
   */
  constructor(after: number, before: (client: StreamClient) => AsyncGenerator<Buffer, void>) {
    this.cursor = after;
    const events = this.events(before);
    // Not Readable.from(), whose destroy() waits for the next event.
    this.stream = new Readable({
      read: () => {
        events.next().then(
          ({ value }) => this.stream.destroyed || this.stream.push(value ?? null),
          (error: Error) => this.stream.destroy(error),
        );
      },
      destroy: (error, done) => {
        this.end();
        done(error);
      },
    });
  }

  /** Whether it has more to take than it should. */
  get behind(): boolean {
    return !this.ended && this.queued > MAX_BYTES / 2;
  }

  /** Has it get each event from now on. To be called in the turn in which it was found up to date. */
  join(): void {
    this.live = !this.ended;
  }

  /** Puts events in its queue. One that is full is as good as a client that is gone. */
  push(events: Buffer): void {
    if (this.ended) return;
    if (this.queued > 0 && this.queued + events.length > MAX_BYTES) return this.drop();
    this.queue.push(events);
    this.queued += events.length;
    this.wake?.();
  }

  /** Called now and then: keeps the connection open, and drops a client that has taken nothing since the last time. */
  beat(comment: Buffer): void {
    const waits = this.queued > 0 || !this.live;
    if (waits && !this.took) this.drop();
    else if (!waits) this.push(comment);
    this.took = false;
  }

  /** Ends it at once, as the service stops. */
  stop(): void {
    this.queue = [];
    this.end();
    this.destroyIn(STOP_MS);
  }

  /** Ends it behind what waits to be sent. */
  finish(): void {
    if (this.ended) return;
    this.end();
    this.destroyIn(LINGER_MS);
  }

  private drop(): void {
    if (this.ended) return;
    // There is room for it behind a full queue.
    this.queue.push(DROPPED);
    this.finish();
  }

  private end(): void {
    this.ended = true;
    this.live = false;
    this.wake?.();
  }

  private destroyIn(ms: number): void {
    const timer = setTimeout(() => this.stream.destroy(), ms).unref();
    this.stream.once('close', () => clearTimeout(timer));
  }

  private async *events(
    before: (client: StreamClient) => AsyncGenerator<Buffer, void>,
  ): AsyncGenerator<Buffer, void> {
    yield Buffer.from('retry: 1000\n: you are connected\n\n');
    if (this.first) yield this.first;
    for await (const events of before(this)) {
      if (this.ended) break;
      yield events;
      this.took = true;
    }
    for (;;) {
      const events = this.queue.shift();
      if (events) {
        yield events;
        this.queued -= events.length;
        this.took = true;
      } else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
