import type { EventEmitter } from 'node:events';
import type { Client, Pool, PoolConfig } from 'pg';
import type { ReplicationMode } from 'typeorm';
import { placeIn } from '../places.js';
import type { SessionDataSource } from '../session-data-source.js';
import {
  type PostgresConnectionCredentialsOptions,
  type PostgresDataSourceOptions,
  PostgresDriver,
  readThrough,
} from '../typeorm-internals.js';
import type { PostgresEngine } from './engine.js';
import { PostgresQueryRunner } from './query-runner.js';

/** A connection, and how to give it back: with an error it is dropped. */
type Connected = Awaited<ReturnType<PostgresDriver['obtainMasterConnection']>>;

/** TypeORM's driver with a pool for reads outside of transactions, and one for all else: neither waits for the other. */
export class SessionPostgresDriver extends PostgresDriver {
  declare readonly dataSource: SessionDataSource;

  constructor(
    dataSource: SessionDataSource,
    readonly engine: PostgresEngine,
  ) {
    super(dataSource);
  }

  override async connect(): Promise<void> {
    await super.connect();
    try {
      if (!this.options.replication) readThrough(this, await this.createPool(this.options, this.options));
      this.engine.open();
    } catch (error) {
      await super.disconnect();
      throw error;
    }
  }

  override async disconnect(): Promise<void> {
    await this.engine.close();
    await super.disconnect();
  }

  override createQueryRunner(mode: ReplicationMode): PostgresQueryRunner {
    return new PostgresQueryRunner(this, mode);
  }

  /** A connection for a statement or a transaction. */
  override obtainMasterConnection(): Promise<Connected> {
    const pool = placeIn(this.dataSource)?.direct?.pool;
    return pool ? connect(pool) : super.obtainMasterConnection();
  }

  override obtainSlaveConnection(): Promise<Connected> {
    const pool = placeIn(this.dataSource)?.direct?.pool;
    return pool ? connect(pool) : super.obtainSlaveConnection();
  }

  /** Connections without limits of time, to change the schema. */
  createUnlimitedPool(): Promise<Pool> {
    const { options } = this;
    const extra = (options.extra ?? {}) as PoolConfig;
    const limitless = { ...options, extra: { ...extra, onConnect: thatListens(extra) } };
    return super.createPool(limitless, options.replication?.master ?? options) as Promise<Pool>;
  }

  /** A connection of its own. It is not connected yet. */
  newClient(purpose: string, limitMs: number): Client {
    const { options } = this.master as { options: PoolConfig & { password?: string } };
    const { connectionString, host, port, user, password, database, ssl, application_name } = options;
    const { Client: PostgresClient } = this.postgres as { Client: typeof Client };
    return new PostgresClient({
      ...{ connectionString, host, port, user, password, database, ssl },
      application_name: `${application_name ?? 'typeorm'} ${purpose}`,
      keepAlive: true,
      connectionTimeoutMillis: limitMs,
      query_timeout: limitMs,
    });
  }

  /** Settings that TypeORM hands on to pg (node-postgres.com/apis/client). Times are in milliseconds. */
  protected override createPool(
    options: PostgresDataSourceOptions,
    credentials: PostgresConnectionCredentialsOptions,
  ): Promise<Pool> {
    const { writeWaitMs, writeLimitMs } = this.dataSource.options;
    const extra = (options.extra ?? {}) as PoolConfig & { options?: string };
    const limits = {
      // A statement need not wait for the answer to the one before it.
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: writeWaitMs,
      statement_timeout: writeLimitMs,
      // For a server that does not answer at all, where the network swallows what is sent. Reads that share a connection
      // have it together.
      query_timeout: writeLimitMs + 1_000,
      // Ends the connection, so it is for the transaction of a process that hangs: ours end before.
      idle_in_transaction_session_timeout: 2 * writeLimitMs + 1_000,
      ...extra,
      onConnect: thatListens(extra),
      // A server set to answer before its log is on the disk would break the promise that a success is kept.
      options: `-c synchronous_commit=on ${extra.options ?? ''}`,
    };
    return super.createPool({ ...options, extra: limits }, credentials) as Promise<Pool>;
  }
}

/**
 * Listens on a connection of a pool. The pool itself does so only while it has the connection, and an error that nobody
 * hears ends the process. Whoever runs a query on it gets the error as well.
 */
export function listen(client: EventEmitter): void {
  client.on('error', ignore);
}

/** The opposite, for those who listen themselves. */
export function stopListening(client: EventEmitter): void {
  client.off('error', ignore);
}

function ignore(): void {
  // The connection is dropped by whoever uses it.
}

/** What is done with each new connection: what the options say, and it is listened on. */
function thatListens({ onConnect }: PoolConfig): PoolConfig['onConnect'] {
  return (client) => {
    listen(client);
    return onConnect?.(client);
  };
}

async function connect(pool: Pool): Promise<Connected> {
  const client = await pool.connect();
  return [client, (error?: Error) => client.release(error)];
}
