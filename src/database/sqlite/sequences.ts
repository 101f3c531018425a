import type { QueryRunner } from 'typeorm';

/** The last id that a table has given, in a row that may be deleted by now. */
export interface Sequence {
  readonly name: string;
  readonly seq: number;
}

/** Where the ids of SQLite's tables are. */
export async function readSequences(runner: QueryRunner): Promise<Sequence[]> {
  if (!(await runner.hasTable('sqlite_sequence'))) return [];
  return (await runner.query('SELECT name, seq FROM sqlite_sequence')) as Sequence[];
}

/** Has the ids of tables that are there go on behind these; never back. */
export async function raiseSequences(runner: QueryRunner, sequences: readonly Sequence[]): Promise<void> {
  for (const sequence of sequences) {
    if (await runner.hasTable(sequence.name)) await raiseSequence(runner, sequence);
  }
}

/** The same for one, also of a table that is not there yet: SQLite looks it up by its name. */
export async function raiseSequence(runner: QueryRunner, { name, seq }: Sequence): Promise<void> {
  await runner.query('DELETE FROM sqlite_sequence WHERE name = ? AND seq < ?', [name, seq]);
  await runner.query(
    'INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)',
    [name, seq, name],
  );
}
