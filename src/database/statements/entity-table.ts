import type { DataSource, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';

/** What an entity's table and its columns are called in SQL. */
export class EntityTable {
  /** The table. */
  readonly name: string;
  private readonly metadata: EntityMetadata;

  constructor(
    private readonly dataSource: DataSource,
    entity: EntityTarget<ObjectLiteral>,
  ) {
    this.metadata = dataSource.getMetadata(entity);
    this.name = this.escape(this.metadata.tableName);
  }

  /** A property's column of a row that has an alias. @throws Error where there is no such property */
  column(property: string, alias: string): string {
    return `${alias}.${this.escape(this.metadataOf(property).databaseName)}`;
  }

  isBoolean(property: string): boolean {
    return this.metadataOf(property).type === 'boolean';
  }

  /** All columns, under the names of their properties. */
  get properties(): string {
    return this.metadata.columns
      .map(({ databaseName, propertyName }) => `${this.escape(databaseName)} AS ${this.escape(propertyName)}`)
      .join(', ');
  }

  /** How many bytes of text a row has. */
  get bytes(): string {
    const texts = this.metadata.columns
      .filter(({ type }) => type === 'text' || type === 'varchar')
      .map(({ databaseName, isNullable }) => {
        const bytes = `octet_length(${this.escape(databaseName)})`;
        return isNullable ? `coalesce(${bytes}, 0)` : bytes;
      });
    return texts.join(' + ') || '0';
  }

  private metadataOf(property: string): EntityMetadata['columns'][number] {
    const column = this.metadata.findColumnWithPropertyName(property);
    if (!column) throw new Error(`${this.metadata.name} has no property ${property}.`);
    return column;
  }

  private escape(name: string): string {
    return this.dataSource.driver.escape(name);
  }
}
