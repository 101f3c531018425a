import type { ObjectLiteral, Repository } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { CompiledStatement, refuseLostId, type Written } from './compiled-statement.js';

/**
 * Inserts many rows of texts with one statement, which takes them as one JSON text.
 *
 * On SQLite that costs half of a statement a row, on PostgreSQL it is one message to the server.
 */
export class BulkInsert<Entity extends ObjectLiteral> {
  private readonly statement: CompiledStatement;

  constructor(
    private readonly repository: Repository<Entity>,
    private readonly properties: readonly (keyof Entity & string)[],
  ) {
    const { metadata } = repository;
    const { dataSource } = repository.manager;
    const escape = (name: string) => dataSource.driver.escape(name);
    const columns = properties.map((property) => {
      return escape(metadata.findColumnWithPropertyName(property)!.databaseName);
    });
    const values = properties.map((_, n) => `e.value->>${n}`);
    const rows = dialectOf(dataSource).jsonElements('$1');
    this.statement = new CompiledStatement(
      `INSERT INTO ${escape(metadata.tableName)} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${rows} e`,
    );
  }

  /** Inserts the rows, in their order, in the transaction that runs now, or in one of their own. */
  async insert(rows: readonly Pick<Entity, keyof Entity>[] | readonly Partial<Entity>[]): Promise<void> {
    const values = rows.map((row) => this.properties.map((property) => row[property]));
    const { manager, metadata } = this.repository;
    await this.statement.rowsOfEach(manager, [[JSON.stringify(values)]], ([written]) =>
      refuseLostId(written as Written, metadata.tableName),
    );
  }
}
