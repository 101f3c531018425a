import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { codeOf, DatabaseUnavailableError } from '../errors.js';

/** Rows that take a megabyte on the disk: less room than that is none. */
const ROWS = 65_536;

/** For a file that tells whether the disk is full: each is some work, counts in `temp_bytes`, and may be a line of the log. */
const FILE_EACH_MS = 30_000;

const FILE =
  `SET LOCAL work_mem = '64kB'; SET LOCAL temp_tablespaces = ''; ` +
  `SELECT count(*) FROM generate_series(1, ${ROWS})`;

/**
 * Has a server do all that a write needs, and leaves nothing behind:
 *
 * - it may write, and so may this user (INSERT, UPDATE and DELETE on each table, and its sequence);
 * - the sequences have ids left;
 * - the disk has room: a function's rows go to a temporary file where `work_mem` is too small for them;
 * - a commit is confirmed, by the disk and by synchronous standbys. A transaction id alone writes nothing; a logical
 *   message (PostgreSQL's manual, 9.28.6) makes a commit record that waits for both, some 100 bytes.
 */
export class PostgresProbe {
  private nextFile = 0;

  constructor(private readonly dataSource: DataSource) {}

  /** @throws DatabaseUnavailableError that says what is missing, or what PostgreSQL answers */
  async run(client: PoolClient): Promise<void> {
    const tables = this.dataSource.entityMetadatas
      .filter(({ tableType }) => tableType === 'regular')
      .map(({ schema, tableName }) => [schema, tableName].filter(Boolean).map(quote).join('.'));
    const { rows } = await client.query<{ missing: string | null }>(MISSING, [tables]);
    const missing = rows.map((row) => row.missing).find(Boolean);
    if (missing) throw new DatabaseUnavailableError(`PostgreSQL takes no writes: ${missing}.`);
    await this.writeFile(client);
    await client.query(`SELECT pg_logical_emit_message(true, 'daybook', '')`);
  }

  private async writeFile(client: PoolClient): Promise<void> {
    if (performance.now() < this.nextFile) return;
    // Several statements at once are one transaction.
    await client.query(FILE).catch((error: unknown) => {
      // `temp_file_limit`, which tells nothing of the disk.
      if (codeOf(error) !== '53400') throw error;
    });
    this.nextFile = performance.now() + FILE_EACH_MS;
  }
}

/** What keeps this user from writing, a row each. A serial's sequence needs a privilege of its own, an identity's none. */
const MISSING = `
  SELECT 'it only reads' AS missing WHERE current_setting('transaction_read_only')::bool
  UNION ALL
  SELECT 'this user may not write to ' || name FROM unnest($1::text[]) AS name
  WHERE NOT (has_table_privilege(name, 'INSERT') AND has_table_privilege(name, 'UPDATE')
    AND has_table_privilege(name, 'DELETE'))
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
