import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseUnavailableError } from '../errors.js';

/** Rows that take a megabyte on the disk: less room than that is none. */
const ROWS = 65_536;

/**
 * Has a server do all that a write needs, and leaves nothing behind:
 *
 * - it may write, and so may this user (INSERT on each table, and its sequence);
 * - the sequences have ids left;
 * - the disk has room: a function's rows go to a temporary file where `work_mem` is too small for them;
 * - a commit is confirmed, by the disk and by synchronous standbys. A transaction id alone writes nothing; a logical
 *   message (PostgreSQL's manual, 9.28.6) makes a commit record that waits for both, some 100 bytes.
 *
 * @throws DatabaseUnavailableError that says what is missing, or what PostgreSQL answers
 */
export async function probePostgres(client: PoolClient, { entityMetadatas }: DataSource): Promise<void> {
  const tables = entityMetadatas
    .filter(({ tableType }) => tableType === 'regular')
    .map(({ schema, tableName }) => [schema, tableName].filter(Boolean).map(quote).join('.'));
  const { rows } = await client.query<{ missing: string | null }>(MISSING, [tables]);
  const missing = rows.map((row) => row.missing).find(Boolean);
  if (missing) throw new DatabaseUnavailableError(`PostgreSQL takes no writes: ${missing}.`);
  // Several statements at once are one transaction.
  await client.query(
    `SET LOCAL work_mem = '64kB'; SET LOCAL temp_tablespaces = ''; ` +
      `SELECT count(*) FROM generate_series(1, ${ROWS}); SELECT pg_logical_emit_message(true, 'daybook', '')`,
  );
}

/** What keeps this user from writing, a row each. A serial's sequence needs a privilege of its own, an identity's none. */
const MISSING = `
  SELECT 'it only reads' AS missing WHERE current_setting('transaction_read_only')::bool
  UNION ALL
  SELECT 'this user may not write to ' || name FROM unnest($1::text[]) AS name
  WHERE NOT has_table_privilege(name, 'INSERT')
  UNION ALL
  SELECT CASE
    WHEN d.deptype = 'a' AND NOT has_sequence_privilege(s.seqrelid, 'USAGE')
      THEN 'this user may not use ' || s.seqrelid::regclass
    WHEN NOT s.seqcycle AND pg_sequence_last_value(s.seqrelid) >= least(s.seqmax, CASE a.atttypid
        WHEN 'int4'::regtype THEN 2147483647 WHEN 'int2'::regtype THEN 32767 END)
      THEN s.seqrelid::regclass || ' has no ids left'
  END
  FROM unnest($1::text[]) AS name
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = name::regclass
  JOIN pg_sequence s ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`;

const quote = (name: string | undefined): string => `"${name!.replaceAll('"', '""')}"`;
