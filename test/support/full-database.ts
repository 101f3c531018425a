import { openWriter } from '../../src/storage/open-for-command.js';
import { type TransferTable, transferTables } from '../../src/transfer/transfer-tables.js';
import { databaseConfig } from './databases.js';

/** Texts that are easily spoiled on the way. */
const TEXTS = [
  '',
  'Grüße, 世界 🦀',
  'a\nb\r\n\t"c" \\d \u2028 \u0001',
  "'; DROP TABLE logs; --",
  'null',
  '1e5',
];

/** Rows of each table; the last one is deleted again, so that its id is behind the last row. */
export const ROWS = 7;

/** Writes rows into all tables that there are, with texts that are easily spoiled and NULL wherever it may be. */
export async function fillDatabase(url: string): Promise<void> {
  const dataSource = await openWriter(databaseConfig(url));
  const escape = (name: string) => dataSource.driver.escape(name);
  const mark = (index: number) => (dataSource.options.type === 'postgres' ? `$${index + 1}` : '?');
  try {
    const tables = await transferTables();
    for (const table of tables) {
      const columns = table.columns.filter(({ name }) => name !== table.generated);
      const references = new Set(
        dataSource.entityMetadatas
          .find(({ tableName }) => tableName === table.name)
          ?.foreignKeys.flatMap(({ columnNames }) => columnNames),
      );
      const sql =
        `INSERT INTO ${escape(table.name)} (${columns.map(({ name }) => escape(name)).join(', ')}) ` +
        `VALUES (${columns.map((_, index) => mark(index)).join(', ')})`;
      for (let row = 1; row <= ROWS; row += 1) {
        await dataSource.query(
          sql,
          columns.map((column) => (references.has(column.name) ? row : valueOf(column, row))),
        );
      }
    }
    for (const { name, generated } of tables.toReversed()) {
      if (generated)
        await dataSource.query(`DELETE FROM ${escape(name)} WHERE ${escape(generated)} = ${ROWS}`);
    }
  } finally {
    await dataSource.destroy();
  }
}

function valueOf({ kind, nullable, length }: TransferTable['columns'][number], row: number) {
  if (nullable && row % 3 === 0) return null;
  if (kind === 'boolean') return row % 2 === 0;
  if (kind !== 'text') return row;
  const text = `${row} ${TEXTS[row % TEXTS.length]}`;
  return length === undefined ? text : text.slice(0, length);
}
