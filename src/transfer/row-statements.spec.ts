import { DataSource } from 'typeorm';
import { entities } from '../schema/entities.js';
import { migrations } from '../schema/migrations.js';
import { RowStatements } from './row-statements.js';
import { transferTables } from './transfer-tables.js';

describe('a page of large rows', () => {
  it('is read without the texts of the rows that are not on it', async () => {
    const dataSource = new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities,
      migrations,
      migrationsRun: true,
    });
    await dataSource.initialize();
    const tables = await transferTables();
    const notes = tables.find(({ name }) => name === 'notes');
    if (!notes) throw new Error('There are no notes.');
    await dataSource.query(
      `INSERT INTO notes (text, completed) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
       SELECT hex(zeroblob(200000)), 1 FROM n`,
    );
    const statements = new RowStatements(dataSource, notes, notes.columns);
    expect(await dataSource.query(statements.page(true), [10])).toMatchObject([{ id: 11 }, { id: 12 }]);

    for (const table of tables) {
      const sql = new RowStatements(dataSource, table, table.columns).page(true);
      const plan = await dataSource.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [
        ...table.key.map(() => 1),
      ]);
      const [first] = plan.map(({ detail }) => detail);
      // Rows are looked up by their key once it is known which; else they go through temporary tables whole.
      expect(first).toMatch(/^SEARCH \w+ USING (INTEGER PRIMARY KEY \(rowid=\?\)|INDEX \w+ \()/);
      expect(plan.map(({ detail }) => detail).join('\n')).not.toContain('TEMP B-TREE');
    }
    await dataSource.destroy();
  });
});
