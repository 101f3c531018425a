import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';

export interface Event {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

/** A client of server-sent events. */
export class EventStream {
  readonly events: Event[] = [];
  ended = false;
  private rest = '';

  private constructor(
    private readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('end', () => (this.ended = true));
    response.on('error', () => undefined);
  }

  /** Connects, and resolves when the answer has begun. It takes nothing as long as nobody waits for something. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventStream(request, response);
  }

  /** Takes events until there are so many, or those that are there fit. */
  async until(done: number | ((events: readonly Event[]) => boolean)): Promise<readonly Event[]> {
    const enough = typeof done === 'number' ? () => this.events.length >= done : () => done(this.events);
    await this.takeUntil(enough);
    return this.events;
  }

  /** Takes all that comes until the server ends it. */
  async toEnd(): Promise<readonly Event[]> {
    await this.takeUntil(() => this.ended);
    return this.events;
  }

  /** Breaks the connection off. */
  close(): void {
    this.request.destroy();
  }

  private takeUntil(enough: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const { response } = this;
      const look = (): void => {
        if (!enough() && !response.destroyed) return;
        response.off('data', take).off('end', look).off('close', look).pause();
        if (enough()) resolve();
        else reject(new Error(`The stream ended after ${this.events.length} events.`));
      };
      const take = (text: string): void => {
        const blocks = (this.rest + text).split('\n\n');
        this.rest = blocks.pop()!;
        for (const block of blocks) this.read(block);
        look();
      };
      response.on('data', take).on('end', look).on('close', look).resume();
      look();
    });
  }

  private read(block: string): void {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']),
    ) as Record<string, string>;
    if (fields.data !== undefined) this.events.push(fields as unknown as Event);
  }
}
