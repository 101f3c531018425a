import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns of ids in each table, its own first where the database gives it. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  logs: ['id'],
  notes: ['id'],
  tasks: ['id'],
  task_lists: ['id'],
  task_details: ['task_id', 'list_id'],
  task_steps: ['id', 'task_id'],
  task_stores: ['id'],
  users: ['id'],
  items: ['id', 'owner_id'],
};

/** The last ids: PostgreSQL's `integer`, and the largest that JavaScript tells from its neighbours. */
const ENDS = { integer: 2_147_483_647, bigint: Number.MAX_SAFE_INTEGER };

/**
 * Ids of 64 bits on PostgreSQL. SQLite's have them.
 *
 * It rewrites the tables, and nobody reads or writes them meanwhile (PostgreSQL's manual, ALTER TABLE, "Notes").
 */
export class BigintIds1764400000000 implements MigrationInterface {
  name = 'BigintIds1764400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await changeTypes(queryRunner, 'bigint');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await changeTypes(queryRunner, 'integer');
  }
}

async function changeTypes(runner: QueryRunner, type: keyof typeof ENDS): Promise<void> {
  if (runner.dataSource.options.type !== 'postgres') return;
  const tables = Object.entries(COLUMNS);
  // All locks first: whoever holds one is waited for before anything is rewritten, and not after.
  await runner.query(`LOCK TABLE ${Object.keys(COLUMNS).join(', ')} IN ACCESS EXCLUSIVE MODE`);
  for (const [table, columns] of tables) {
    if (columns[0] === 'id') await changeSequence(runner, table, type);
    const changes = columns.map((column) => `ALTER COLUMN ${column} TYPE ${type}`);
    await runner.query(`ALTER TABLE ${table} ${changes.join(', ')}`);
  }
  // A column that changes its type loses its statistics (PostgreSQL's src/backend/commands/tablecmds.c), and autovacuum
  // counts only rows that change.
  await runner.query(`ANALYZE ${Object.keys(COLUMNS).join(', ')}`);
}

/** @throws Error where it has given ids that the type does not have */
async function changeSequence(runner: QueryRunner, table: string, type: keyof typeof ENDS): Promise<void> {
  const [row] = (await runner.query(`SELECT pg_get_serial_sequence('${table}', 'id') AS "sequence"`)) as {
    sequence: string;
  }[];
  const { sequence } = row!;
  const end = ENDS[type];
  const [found] = (await runner.query(`SELECT last_value > ${end} AS "beyond" FROM ${sequence}`)) as {
    beyond: boolean;
  }[];
  if (found!.beyond) {
    const message =
      `The schema could not be changed and is as it was: ${table} has given ids beyond ${end}, ` +
      'which the version before this one cannot have.';
    throw Object.assign(new Error(message), { name: 'MigrationError' });
  }
  await runner.query(`ALTER SEQUENCE ${sequence} AS ${type} MAXVALUE ${end}`);
}
