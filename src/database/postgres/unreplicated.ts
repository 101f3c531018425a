import type { EventEmitter } from 'node:events';
import type { PoolClient } from 'pg';
import { OutcomeUnknownError } from '../errors.js';

/**
 * Breaks a connection on which somebody has cancelled the wait for a synchronous standby: PostgreSQL warns, and then
 * answers the commit as if it were replicated (its src/backend/replication/syncrep.c).
 */
export function refuseUnreplicated(client: PoolClient): void {
  client.on('notice', ({ code, routine, message }) => {
    if (code !== '01000' || routine !== 'SyncRepWaitForLSN') return;
    const { connection } = client as PoolClient & { connection: EventEmitter };
    connection.emit('error', new OutcomeUnknownError(message));
  });
}
