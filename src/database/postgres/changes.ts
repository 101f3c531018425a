import { Logger } from '@nestjs/common';
import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseChanges } from '../changes.js';
import { outside } from '../places.js';

const LIMIT_MS = 1_000;

/**
 * PostgreSQL's changes: each transaction that writes what is watched sends a NOTIFY with its commit, and one
 * connection listens.
 *
 * A notification comes some time after the commit. But the server signals the listeners before it answers the
 * COMMIT, and hands out what they have been signalled before it answers their next statement (`PostgresMain` in its
 * src/backend/tcop/postgres.c). So one empty statement is enough to have heard of all that was answered before it.
 */
export class PostgresChanges extends DatabaseChanges {
  private readonly logger = new Logger(PostgresChanges.name);
  private listening?: Promise<Client>;
  /** The one that `listening` is about: one that was given up may fail later. */
  private newest?: Client;
  private running: Promise<boolean> = Promise.resolve(true);
  private next?: Promise<boolean>;
  private retryAt = 0;
  private closed = false;

  /**
   * @param connect makes a connection that gives up after so many milliseconds
   */
  constructor(
    private readonly source: DataSource,
    private readonly connect: (limitMs: number) => Client,
  ) {
    super(source);
  }

  /** How a transaction that has written these tables commits. */
  commit(tables: ReadonlySet<string>): string {
    // One message to the server, so that it costs no round trip.
    return tables.size > 0 ? `${notify(this.source, tables)}; COMMIT` : 'COMMIT';
  }

  /** Begins to listen when somebody asks. */
  open(): void {
    this.closed = false;
    this.listening = undefined;
  }

  override catchUp(): Promise<boolean> {
    // A statement that is under way may have been answered before the newest commit: callers share the one after it.
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return (this.running = this.roundTrip());
    });
    return this.next;
  }

  override async close(): Promise<void> {
    this.closed = true;
    const client = await this.listening?.catch(() => undefined);
    await client?.end();
  }

  private async roundTrip(): Promise<boolean> {
    if (this.closed || performance.now() < this.retryAt) return false;
    try {
      // Not in the transaction of whoever asks first.
      const client = await (this.listening ??= outside(() => this.listen()));
      await client.query('');
      return true;
    } catch (error) {
      this.logger.warn(`Answers are not cached, as nobody listens for changes: ${String(error)}`);
      this.lose();
      this.retryAt = performance.now() + LIMIT_MS;
      return false;
    }
  }

  private async listen(): Promise<Client> {
    const client = this.connect(LIMIT_MS);
    client.on('notification', ({ payload = '' }) => this.tell(payload.split(',')));
    this.newest = client;
    client.on('error', () => {
      if (this.newest === client) this.lose();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${channelOf(this.source)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    // What was committed while nobody listened is not told any more.
    this.tellAll();
    return client;
  }

  /** Lets go of a connection that is broken. The next one who asks opens another. */
  private lose(): void {
    this.listening?.then((client) => client.end()).catch(() => undefined);
    this.listening = undefined;
  }
}

/** What a transaction that has written these tables says before it commits. */
export function notify(dataSource: DataSource, tables: Iterable<string>): string {
  return `NOTIFY ${channelOf(dataSource)}, '${[...tables].join(',').replaceAll("'", "''")}'`;
}

/** Applications on one database have a channel each. */
function channelOf({ options }: DataSource): string {
  const { applicationName = 'typeorm' } = options as { applicationName?: string };
  return `"${applicationName.replaceAll('"', '""')}_changes"`;
}
