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

/** Has ids go on behind these; never back. */
export async function raiseSequences(runner: QueryRunner, sequences: readonly Sequence[]): Promise<void> {
  for (const { name, seq } of sequences) {
    if (!(await runner.hasTable(name))) continue;
    await runner.query('DELETE FROM sqlite_sequence WHERE name = ? AND seq < ?', [name, seq]);
    await runner.query(
      'INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)',
      [name, seq, name],
    );
  }
}
