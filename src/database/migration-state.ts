import type { DataSource } from 'typeorm';

/** Which migrations a database has. */
export interface MigrationState {
  /** It has a list of them, as each database has that was migrated. */
  readonly isMigrated: boolean;
  /** The last one that ran. */
  readonly last?: string;
  /** Those that this version has, and that have not run. */
  readonly pending: readonly string[];
  /** Those that ran and that this version does not know: a newer one has written the database. */
  readonly unknown: readonly string[];
}

/** Reads it of a data source that has its migrations, and changes nothing. */
export async function readMigrationState(dataSource: DataSource): Promise<MigrationState> {
  const runner = dataSource.createQueryRunner();
  const known = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  try {
    const isMigrated = await runner.hasTable('migrations');
    const rows: { name: string }[] = isMigrated
      ? await runner.query('SELECT name FROM migrations ORDER BY id')
      : [];
    const ran = rows.map(({ name }) => name);
    return {
      isMigrated: ran.length > 0,
      last: ran.at(-1),
      pending: known.filter((name) => !ran.includes(name)),
      unknown: ran.filter((name) => !known.includes(name)),
    };
  } finally {
    await runner.release();
  }
}
