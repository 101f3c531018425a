import { Client } from './client.js';

/** What a 503 says where it is not known whether the commit went through. */
const UNKNOWN = /may have been kept/;

/** Clients that write for as long as the database comes and goes, and remember what they were told. */
export class OutageWriters {
  readonly statuses: Record<number, number> = {};
  private readonly kept = new Set<string>();
  private readonly notKept = new Set<string>();
  private readonly unknown = new Set<string>();
  private readonly over = new AbortController();
  private readonly client: Client;
  private readonly running: Promise<void[]>;

  constructor(
    private readonly url: string,
    count: number,
  ) {
    this.client = new Client(url, count);
    this.running = Promise.all(Array.from({ length: count }, (_, writer) => this.write(writer)));
  }

  /** Ends them, and compares what they were told with what is there. The database must be whole again. */
  async end(): Promise<{ lost: string[]; false503: string[]; summary: string }> {
    this.over.abort();
    await this.running;
    this.client.close();
    const there = await this.texts();
    return {
      lost: [...this.kept.difference(there)],
      false503: [...this.notKept.intersection(there)],
      summary:
        `statuses ${JSON.stringify(this.statuses)}: ${this.kept.size} kept, ${this.notKept.size} not kept, ` +
        `${this.unknown.size} unknown, of which ${this.unknown.intersection(there).size} are there`,
    };
  }

  private async write(writer: number): Promise<void> {
    for (let n = 0; !this.over.signal.aborted; n += 1) {
      const text = `${writer} ${n}`;
      const { status, body } = await this.writeOne(text, n % 3);
      this.statuses[status] = (this.statuses[status] ?? 0) + 1;
      const set = status === 200 ? this.kept : UNKNOWN.test(body) ? this.unknown : this.notKept;
      set.add(text);
    }
  }

  /** A log entry alone, one in a transaction, or a task. */
  private writeOne(text: string, kind: number) {
    if (kind === 0) return this.client.post('/log', { message: text });
    if (kind === 1) return this.client.post('/logs?atomic=true', [{ message: text }]);
    return this.client.post('/tasks', { name: text, done: false });
  }

  private async texts(): Promise<Set<string>> {
    const { logs } = await this.read<{ logs: { message: string }[] }>('/logs');
    const tasks = await this.read<{ name: string }[]>('/tasks');
    return new Set([...logs.map(({ message }) => message), ...tasks.map(({ name }) => name)]);
  }

  private async read<T>(path: string): Promise<T> {
    for (;;) {
      const answer = await fetch(this.url + path);
      const body = await answer.text();
      // What has waited in the pool may be broken, too.
      if (answer.status === 200) return JSON.parse(body) as T;
    }
  }
}
