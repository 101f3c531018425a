import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { DatabaseSetupError, DatabaseUnavailableError } from '../database/admin.js';

/** The oldest PostgreSQL, in the form of its server_version_num. */
const OLDEST_POSTGRES = 130_000;

/** What there is to know of a PostgreSQL before it is used. */
export interface PostgresSetup {
  readonly version: string;
  /** It takes no writes. */
  readonly isStandby: boolean;
  /** Why it cannot be used as it is, and what to do about it. */
  readonly fault?: string;
}

/** Reads it of a data source for PostgreSQL. */
export async function readPostgresSetup(
  dataSource: DataSource,
  { displayUrl }: DatabaseConfig,
): Promise<PostgresSetup> {
  const [{ version, number, encoding, standby }] = await dataSource.query<
    [{ version: string; number: number; encoding: string; standby: boolean }]
  >(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number, ` +
      `current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby`,
  );
  const setup = { version, isStandby: standby };
  if (number < OLDEST_POSTGRES) {
    return { ...setup, fault: `PostgreSQL ${version} is too old: take 13 or newer` };
  }
  if (encoding !== 'UTF8') {
    return {
      ...setup,
      fault: `the encoding of ${displayUrl} is ${encoding}: make it anew with --encoding=UTF8`,
    };
  }
  return setup;
}

/**
 * @throws DatabaseSetupError where a PostgreSQL cannot be used as it is; DatabaseUnavailableError for a standby, which may
 * become a primary
 */
export async function requirePostgres(dataSource: DataSource, config: DatabaseConfig): Promise<void> {
  if (config.engine !== 'postgres') return;
  const { fault, isStandby } = await readPostgresSetup(dataSource, config);
  if (fault) throw new DatabaseSetupError(`${fault[0]!.toUpperCase()}${fault.slice(1)}.`);
  if (isStandby) {
    throw new DatabaseUnavailableError(
      `The PostgreSQL at ${config.displayUrl} is a standby, which takes no writes: set DATABASE_URL to the primary.`,
    );
  }
}
