import type { QueryRunner } from 'typeorm';
import { raiseSequences, readSequences } from '../database/admin.js';
import type { TransferTable } from './transfer-tables.js';

/** The last id that a table has given, in a row that may be deleted by now; 0 where it has given none. */
export async function readLastId(runner: QueryRunner, { name, generated }: TransferTable): Promise<number> {
  if (generated === undefined) return 0;
  if (runner.dataSource.options.type !== 'postgres') {
    return (await readSequences(runner)).find((sequence) => sequence.name === name)?.seq ?? 0;
  }
  const [sequence] = (await runner.query('SELECT pg_get_serial_sequence($1, $2) AS "name"', [
    runner.dataSource.driver.escape(name),
    generated,
  ])) as { name: string }[];
  // The name comes escaped.
  const [last] = (await runner.query(
    `SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS "id" FROM ${sequence?.name}`,
  )) as { id: number }[];
  return last?.id ?? 0;
}

/**
 * Has a table's ids go on behind this one; never back.
 *
 * PostgreSQL does not undo this with the transaction, so it comes last. An id that is left out does no harm.
 */
export async function raiseLastId(runner: QueryRunner, table: TransferTable, lastId: number): Promise<void> {
  if (table.generated === undefined) return;
  const { name, generated } = table;
  if (runner.dataSource.options.type !== 'postgres') {
    return raiseSequences(runner, [{ name, seq: lastId }]);
  }
  const escape = (part: string) => runner.dataSource.driver.escape(part);
  const last = Math.max(lastId, await readLastId(runner, table));
  const rows = `SELECT greatest($3::bigint, max(${escape(generated)})) AS id FROM ${escape(name)}`;
  await runner.query(`SELECT setval(pg_get_serial_sequence($1, $2), id) FROM (${rows}) "last" WHERE id > 0`, [
    escape(name),
    generated,
    last,
  ]);
}
