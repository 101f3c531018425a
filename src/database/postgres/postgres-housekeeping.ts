import pg from 'pg';
import { Housekeeping } from '../housekeeping.js';

/** Any number, the same in every Daybook, and another than that of the migrations. */
const LOCK = 20_251_125;
const LIMIT_MS = 5_000;

/** PostgreSQL's housekeeping. Autovacuum makes room for new rows, and needs no help. */
export class PostgresHousekeeping extends Housekeeping {
  constructor(private readonly url: string) {
    super();
  }

  override async alone(work: () => Promise<void>): Promise<boolean> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'daybook housekeeping',
      keepAlive: true,
      connectionTimeoutMillis: LIMIT_MS,
      query_timeout: LIMIT_MS,
    });
    // If it breaks, the worst is that another process helps.
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
        LOCK,
      ]);
      if (!rows[0]?.mine) return false;
      await work();
      return true;
    } finally {
      await client.end();
    }
  }

  override async giveBack(): Promise<boolean> {
    return false;
  }
}
