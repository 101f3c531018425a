import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Client, Connection, Pool, PoolClient, PoolConfig } from 'pg';
import type { ReplicationMode } from 'typeorm';
import { DatabaseUnavailableError } from '../errors.js';
import { placeIn } from '../places.js';
import type { SessionDataSource } from '../session-data-source.js';
import {
  type PostgresConnectionCredentialsOptions,
  type PostgresDataSourceOptions,
  PostgresDriver,
  readThrough,
} from '../typeorm-internals.js';
import { commandSettings, CONNECTION_OPTIONS } from './connection-settings.js';
import type { PostgresEngine } from './engine.js';
import { PostgresQueryRunner } from './query-runner.js';
import { refuseUnreplicated } from './unreplicated.js';

/** How long the server may take to hear that it is to give up something. */
const CANCEL_LIMIT_MS = 5_000;

/** What pg knows of a connection's server process, and its types do not tell. */
interface BackendKey {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly processID: number;
  readonly secretKey: number;
}

/** What pg cancels a query with, and its types do not tell. */
type CancelConnection = Connection & {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
};

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
      if (!this.options.replication) {
        readThrough(this, await this.poolOf(this.options, this.options, markStandby));
      }
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
    return this.connected(() => super.obtainMasterConnection());
  }

  override obtainSlaveConnection(): Promise<Connected> {
    return this.connected(() => super.obtainSlaveConnection());
  }

  /**
   * Has the server give up what a connection waits for: it notices that nobody listens any more only when it next has
   * something to say, and a standby that does not answer would so keep one connection after another. Never throws.
   */
  cancel(client: PoolClient): void {
    const { host, port, ssl, processID, secretKey } = client as PoolClient & BackendKey;
    const { Connection: PostgresConnection } = this.postgres as { Connection: typeof Connection };
    const connection = new PostgresConnection({ ssl }) as CancelConnection;
    const stream = connection.stream as Socket;
    stream.setTimeout(CANCEL_LIMIT_MS, () => stream.destroy());
    connection.on('error', ignore);
    connection.once(ssl ? 'sslconnect' : 'connect', () => connection.cancel(processID, secretKey));
    if (ssl) connection.once('connect', () => connection.requestSsl());
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  }

  /** @throws DatabaseUnavailableError for whatever reason there is no connection: none is the client's fault */
  private async connected(obtain: () => Promise<Connected>): Promise<Connected> {
    const pool = placeIn(this.dataSource)?.direct?.pool;
    if (!pool) return obtain().catch(notConnected);
    const client = await connect(pool);
    return [client, (error?: Error) => client.release(error)];
  }

  /** Connections without limits of time, to change the schema. */
  createUnlimitedPool(): Promise<Pool> {
    const { options } = this;
    const extra = (options.extra ?? {}) as PoolConfig;
    const onConnect = (client: PoolClient): unknown => {
      listen(client);
      return extra.onConnect?.(client);
    };
    const limitless = {
      ...options,
      extra: { ...commandSettings(options.applicationName), ...extra, onConnect },
    };
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

  protected override createPool(
    options: PostgresDataSourceOptions,
    credentials: PostgresConnectionCredentialsOptions,
  ): Promise<Pool> {
    // TypeORM's own replication reads on standbys.
    const isMaster = !options.replication || credentials === options.replication.master;
    return this.poolOf(options, credentials, isMaster ? refuseStandby : undefined);
  }

  /** Settings that TypeORM hands on to pg (node-postgres.com/apis/client). Times are in milliseconds. */
  private poolOf(
    options: PostgresDataSourceOptions,
    credentials: PostgresConnectionCredentialsOptions,
    onStandby?: (client: PoolClient) => void,
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
      onConnect: async (client: PoolClient) => {
        listen(client);
        refuseUnreplicated(client);
        if (onStandby && (await isOnStandby(client))) onStandby(client);
        const own: unknown = extra.onConnect?.(client);
        await own;
      },
      options: `${CONNECTION_OPTIONS} ${extra.options ?? ''}`,
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

/** A connection of a pool. @throws DatabaseUnavailableError where there is none */
export function connect(pool: Pool): Promise<PoolClient> {
  return pool.connect().catch(notConnected);
}

function notConnected(error: unknown): never {
  if (error instanceof DatabaseUnavailableError) throw error;
  const { message, code } = error as NodeJS.ErrnoException;
  // Node's own for several addresses of a host has no message.
  const reason = message || code;
  throw new DatabaseUnavailableError(`No connection to PostgreSQL: ${reason}`, { cause: error });
}

async function isOnStandby(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  return rows[0]!.standby;
}

/** A standby takes no writes. */
function refuseStandby(): never {
  throw new DatabaseUnavailableError('This PostgreSQL is a standby, which takes no writes.');
}

/** The connections for reads that lead to a standby. */
const standbys = new WeakSet<PoolClient>();

/** What it reads may be older than what was acknowledged: the next connection may lead to the primary. */
function markStandby(client: PoolClient): void {
  standbys.add(client);
}

/** Whether a connection leads, or has led, to a standby, and so is for one use. */
export function isForOneUse(client: PoolClient): boolean {
  return standbys.has(client);
}
