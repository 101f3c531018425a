import type { DataSource } from 'typeorm';
import { migrations } from '../schema/migrations.js';

/** Which migrations a database has. */
export interface MigrationState {
  /** It has a list of them, as each database of Daybook has. */
  readonly isDaybook: boolean;
  /** The last one that ran. */
  readonly last?: string;
  /** Those that this version has and that have not run. */
  readonly pending: readonly string[];
  /** Those that ran and that this version does not know: a newer one has written the database. */
  readonly unknown: readonly string[];
}

/** The names of all migrations, oldest first. */
export const migrationNames = (): string[] => migrations.map(({ name }) => name);

/** Reads it, and changes nothing. */
export async function readMigrationState(dataSource: DataSource): Promise<MigrationState> {
  const runner = dataSource.createQueryRunner();
  try {
    const isDaybook = await runner.hasTable('migrations');
    const rows: { name: string }[] = isDaybook
      ? await runner.query('SELECT name FROM migrations ORDER BY id')
      : [];
    const ran = rows.map(({ name }) => name);
    return {
      isDaybook: ran.length > 0,
      last: ran.at(-1),
      pending: migrationNames().filter((name) => !ran.includes(name)),
      unknown: ran.filter((name) => !migrationNames().includes(name)),
    };
  } finally {
    await runner.release();
  }
}
