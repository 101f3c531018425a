import type { Client } from 'pg';
import type { Maintenance } from '../maintenance.js';

/** Any number, the same in all versions, and another than that of the migrations. */
const LOCK = 20_251_125;

/** PostgreSQL's maintenance. Autovacuum makes room for new rows, and needs no help. */
export class PostgresMaintenance implements Maintenance {
  /** @param newClient makes a connection of its own: the lock is the connection's */
  constructor(private readonly newClient: () => Client) {}

  async alone(work: () => Promise<void>): Promise<boolean> {
    const client = this.newClient();
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

  async giveBack(): Promise<boolean> {
    return false;
  }
}
