import type { DataSource, QueryRunner } from 'typeorm';
import type { DatabaseConfig } from '../config/database.config.js';
import { entities } from '../schema/entities.js';
import { type MigrationState, readMigrationState } from '../database/admin.js';
import { openReader } from '../storage/open-for-command.js';
import { explainFailure } from '../explain-failure.js';
import { explainFileFailure } from '../files/file-error.js';
import { readLastId } from '../transfer/last-ids.js';
import { RowStatements } from '../transfer/row-statements.js';
import { type TransferTable, transferTables } from '../transfer/transfer-tables.js';
import { fail, type Finding, ok, warn } from './finding.js';

/** So many damages are told. */
const MAX_TOLD = 5;

/** Looks a whole database over. Writes nothing and migrates nothing. */
export async function verifyDatabase(config: DatabaseConfig): Promise<Finding[]> {
  let dataSource: DataSource;
  try {
    dataSource = await openReader(config);
  } catch (error) {
    return [fail('database', sentenceOf(error, `${nameOf(config)} cannot be opened`))];
  }
  const runner = dataSource.createQueryRunner();
  try {
    return await verify(runner);
  } catch (error) {
    return [fail('database', sentenceOf(error, `${nameOf(config)} cannot be read to its end`))];
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

/** What the migrations of a database mean. */
export function migrationFinding({ isMigrated, last, pending, unknown }: MigrationState): Finding {
  if (!isMigrated) return fail('migrations', 'none: this is not a database of Daybook');
  if (unknown.length > 0) {
    return fail('migrations', `a newer Daybook has written it, with ${unknown.join(', ')}: use that version`);
  }
  if (pending.length > 0) {
    return warn('migrations', `${pending.length} missing, which the next start runs: ${pending.join(', ')}`);
  }
  return ok('migrations', `all, up to ${last}`);
}

async function verify(runner: QueryRunner): Promise<Finding[]> {
  const { dataSource } = runner;
  const postgres = dataSource.options.type === 'postgres';
  const structure = postgres ? await pageChecksums(runner) : await integrity(runner);
  const migrations = migrationFinding(await readMigrationState(dataSource));
  if (migrations.status === 'fail') return [structure, migrations];
  const references = postgres ? await foreignKeys(runner) : await foreignKeyCheck(runner);
  const tables: Finding[] = [];
  for (const table of await transferTables()) tables.push(await verifyTable(runner, table, migrations));
  return [structure, migrations, references, ...tables];
}

async function integrity(runner: QueryRunner): Promise<Finding> {
  const rows = (await runner.query(`PRAGMA integrity_check(${MAX_TOLD})`)) as { integrity_check: string }[];
  const damages = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  return damages.length > 0
    ? fail('integrity', `damaged, restore a backup: ${damages.join('; ')}`)
    : ok('integrity', 'every page is in order');
}

/** PostgreSQL looks at a page when it reads it, if it was told to when the server was made. */
async function pageChecksums(runner: QueryRunner): Promise<Finding> {
  const [row] = (await runner.query('SHOW data_checksums')) as { data_checksums: string }[];
  return row?.data_checksums === 'on'
    ? ok('integrity', 'the server checks each page that it reads, as data_checksums is on')
    : warn('integrity', 'the server does not check its pages: pg_checksums --enable, when it is stopped');
}

async function foreignKeyCheck(runner: QueryRunner): Promise<Finding> {
  const rows = (await runner.query('PRAGMA foreign_key_check')) as { table: string; rowid: number }[];
  return referencesFinding(rows.map(({ table, rowid }) => `${table} ${rowid}`));
}

async function foreignKeys(runner: QueryRunner): Promise<Finding> {
  const { dataSource } = runner;
  const { driver } = dataSource;
  const lost: string[] = [];
  for (const { tableName, foreignKeys: keys, primaryColumns } of entities.map((entity) =>
    dataSource.getMetadata(entity),
  )) {
    for (const { columnNames, referencedColumnNames, referencedEntityMetadata: other } of keys) {
      const same = columnNames.map(
        (name, index) =>
          `other.${driver.escape(referencedColumnNames[index] ?? '')} = one.${driver.escape(name)}`,
      );
      const given = columnNames.map((name) => `one.${driver.escape(name)} IS NOT NULL`);
      const id = primaryColumns.map(({ databaseName }) => `one.${driver.escape(databaseName)}`).join(', ');
      const rows = (await runner.query(
        `SELECT ${id} FROM ${driver.escape(tableName)} one WHERE ${given.join(' AND ')} AND NOT EXISTS ` +
          `(SELECT 1 FROM ${driver.escape(other.tableName)} other WHERE ${same.join(' AND ')})`,
      )) as object[];
      lost.push(...rows.map((row) => `${tableName} ${Object.values(row).join('/')}`));
    }
  }
  return referencesFinding(lost);
}

function referencesFinding(lost: readonly string[]): Finding {
  if (lost.length === 0) return ok('references', 'each row that another refers to is there');
  const told = lost.slice(0, MAX_TOLD).join(', ') + (lost.length > MAX_TOLD ? ', …' : '');
  return fail('references', `${lost.length} rows refer to one that is not there: ${told}`);
}

async function verifyTable(runner: QueryRunner, table: TransferTable, migrations: Finding): Promise<Finding> {
  const { name, generated } = table;
  if (!(await runner.hasTable(name))) {
    return migrations.status === 'ok' ? fail(name, 'the table is missing') : warn(name, 'not there yet');
  }
  const [{ count }] = (await runner.query(new RowStatements(runner.dataSource, table, []).count)) as [
    { count: number | string },
  ];
  const text = `${Number(count).toLocaleString('en-US')} rows`;
  if (generated === undefined) return ok(name, text);
  const { driver } = runner.dataSource;
  const [{ last }] = (await runner.query(
    `SELECT max(${driver.escape(generated)}) AS "last" FROM ${driver.escape(name)}`,
  )) as [{ last: number | null }];
  return (last ?? 0) > (await readLastId(runner, table))
    ? fail(name, `${text}, and the next id is one that is there: the last is ${last}`)
    : ok(name, text);
}

const nameOf = ({ engine, file, displayUrl }: DatabaseConfig): string =>
  engine === 'sqlite' ? file : displayUrl;

/** An error in one line, for people. */
export function sentenceOf(error: unknown, what: string): string {
  const [first = ''] = explainFailure(explainFileFailure(error, what)).split('\n');
  return first.replace(/\.$/, '');
}
