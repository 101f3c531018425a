import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LogsConfig } from '../../config/logs.config.js';
import { NewRows } from '../../database/index.js';
import { ProblemException } from '../../http/problems.js';
import { LogEntry } from '../log-entry.entity.js';
import { StreamClient } from './stream-client.js';

/** How long entries gather that come one after another. */
const GATHER_MS = 10;
/** How long the others wait for one who is behind, before the next events. */
const PACE_MS = 50;
/** How long the database may fail before those who watch are sent away: whoever connects again is told of it. */
const FAILING_MS = 2_000;
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(': still here\n\n');

/**
 * Sends log entries to those who watch, as they come.
 *
 * One reader looks for new entries, whoever has written them, and serves all: nothing runs while nobody watches.
 */
@Injectable()
export class LogStream implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LogStream.name);
  private readonly rows: NewRows<LogEntry>;
  private readonly clients = new Set<StreamClient>();
  private readonly heartbeat: NodeJS.Timeout;
  private starting?: Promise<void>;
  private wakeUp?: () => void;
  private woken = false;
  private stopping = false;
  private failingSince?: number;

  constructor(
    @InjectRepository(LogEntry) logs: Repository<LogEntry>,
    private readonly config: LogsConfig,
  ) {
    this.rows = new NewRows(logs);
    this.heartbeat = setInterval(
      () => this.clients.forEach((client) => client.beat(HEARTBEAT)),
      HEARTBEAT_MS,
    );
    this.heartbeat.unref();
  }

  /**
   * The entries behind an id, or those that come from now on, as server-sent events.
   *
   * @throws ProblemException where too many watch already, or the service stops
   */
  async open(after: number | null): Promise<StreamableFile> {
    if (this.stopping) throw new ProblemException('stopping');
    if (this.clients.size >= this.config.streams) throw new ProblemException('too-many-streams');
    const client = new StreamClient(after ?? Infinity, (one) => this.past(one));
    this.clients.add(client);
    client.stream.once('close', () => this.clients.delete(client));
    try {
      await (this.starting ??= this.start());
      // Asked for all: where there is no answer, this one is a 503, and not a stream in which nothing comes.
      const isLost = !(await this.rows.mayHaveHad(after ?? 0));
      client.cursor = isLost || after === null ? this.rows.position : after;
      if (isLost) client.first = resetTo(client.cursor);
    } catch (error) {
      client.stream.destroy();
      throw error;
    }
    return new StreamableFile(client.stream, { type: 'text/event-stream' });
  }

  /** Has new entries looked for now. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearInterval(this.heartbeat);
    const closed = [...this.clients].map(
      ({ stream }) => new Promise((resolve) => stream.once('close', resolve)),
    );
    this.clients.forEach((client) => client.stop());
    this.wake();
    await Promise.all(closed);
  }

  private async start(): Promise<void> {
    try {
      await this.rows.start();
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
    void this.run();
  }

  /** Looks for new entries as long as anybody watches. */
  private async run(): Promise<void> {
    while (this.clients.size > 0) {
      this.woken = false;
      try {
        for (let rows = await this.rows.next(); rows.length > 0; rows = await this.rows.next()) {
          this.send(rows);
          await this.pace();
        }
        this.failingSince = undefined;
      } catch (error) {
        this.fail(error);
      }
      await this.pause();
    }
    this.starting = undefined;
  }

  private fail(error: unknown): void {
    // Once: a database that is away is asked again and again.
    if (!this.failingSince) this.logger.warn(`Log entries cannot be followed now: ${String(error)}`);
    this.failingSince ??= performance.now();
    if (performance.now() - this.failingSince >= FAILING_MS)
      this.clients.forEach((client) => client.finish());
  }

  private send(rows: readonly LogEntry[]): void {
    const all = eventsOf(rows);
    const before = rows[0]!.id - 1;
    for (const client of this.clients) {
      if (!client.live) continue;
      // One that comes from another process may have been ahead of this one.
      const own = client.cursor <= before ? all : eventsOf(rows.filter(({ id }) => id > client.cursor));
      if (own.length > 0) client.push(own);
      client.cursor = Math.max(client.cursor, rows.at(-1)!.id);
    }
  }

  /** What a client has missed, until it is up to date. */
  private async *past(client: StreamClient): AsyncGenerator<Buffer, void> {
    while (client.cursor < this.rows.position) {
      const end = this.rows.position;
      const rows = await this.rows.given(client.cursor);
      client.cursor = rows.at(-1)?.id ?? end;
      if (rows.length > 0) yield eventsOf(rows);
    }
    client.join();
  }

  private async pace(): Promise<void> {
    await nextTurn();
    const end = performance.now() + PACE_MS;
    while (performance.now() < end && this.clients.values().some(({ behind }) => behind)) await delay(5);
  }

  private async pause(): Promise<void> {
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => (this.wakeUp = resolve));
    if (!this.woken) {
      await Promise.race([
        woken,
        delay(NewRows.POLL_MS, undefined, { signal: timer.signal }).catch(() => undefined),
      ]);
    }
    timer.abort();
    this.wakeUp = undefined;
    if (this.woken) await delay(GATHER_MS);
  }
}

/** What a client gets whose id is of another database, such as the one before a restore: it would wait for ever. */
function resetTo(newest: number): Buffer {
  return Buffer.from(`id: ${newest}\nevent: reset\ndata: ${JSON.stringify({ newest })}\n\n`);
}

/** Server-sent events (html.spec.whatwg.org, 9.2.6). JSON text has no line ends. */
function eventsOf(rows: readonly LogEntry[]): Buffer {
  const events = rows.map(({ id, message, timestamp }) => {
    return `id: ${id}\nevent: log\ndata: ${JSON.stringify({ id, message, timestamp })}\n\n`;
  });
  return Buffer.from(events.join(''));
}
