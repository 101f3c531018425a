import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { isUnknownStatement } from '../errors.js';
import { connect, isForOneUse } from './driver.js';

/** So many reads at most share a connection. More cost less still, but a slow one holds up the rest. */
const READS_EACH = 8;

interface Read {
  readonly query: QueryConfig;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the reads that come in one turn of the event loop together, several on each connection of a pool, without
 * waiting for an answer in between (PostgreSQL's manual, 54.2.4, "Pipelining").
 *
 * Each stays a statement of its own, which sees what was committed before it. One that the server refuses fails alone; a
 * connection that breaks or does not answer takes those on it along. Answers that come together cost a fraction of
 * those that come one by one (docs/adr/0018-reads-in-batches.md).
 */
export class ReadPipelines {
  /** How many were sent to a standby. */
  onStandby = 0;
  private reads: Read[] = [];

  /** @param pool one whose connections pipeline, and have somebody who listens when they break */
  constructor(private readonly pool: Pool) {}

  /** @throws what the pool or the server answers */
  query(query: QueryConfig): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      if (this.reads.length === 0) setImmediate(this.sendAll);
      this.reads.push({ query, resolve, reject });
    });
  }

  private readonly sendAll = (): void => {
    const { reads } = this;
    this.reads = [];
    const parts = Math.ceil(reads.length / READS_EACH);
    const each = Math.ceil(reads.length / parts);
    for (let n = 0; n < reads.length; n += each) void this.send(reads.slice(n, n + each));
  };

  private async send(reads: readonly Read[]): Promise<void> {
    let client: PoolClient;
    try {
      client = await connect(this.pool);
    } catch (error) {
      for (const { reject } of reads) reject(error);
      return;
    }
    if (isForOneUse(client)) this.onStandby += reads.length;
    let first: unknown;
    const answers = reads.map(({ query, resolve, reject }) => {
      const answer = client.query(query);
      answer.then(resolve, (error: unknown) => {
        first ??= error;
        // pg takes a statement for prepared once it has asked for that. Those behind share the reason why it is not.
        reject(isUnknownStatement(error) ? first : error);
      });
      return answer;
    });
    const failed = (await Promise.allSettled(answers)).some(({ status }) => status === 'rejected');
    // As the pool does after a query that failed: the connection may be at fault.
    client.release(failed || isForOneUse(client));
  }
}
