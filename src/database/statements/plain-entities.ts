import type { DataSource, DataSourceOptions, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** What JavaScript has for the types whose values the drivers take as they are, by the names that both engines use. */
const PLAIN_TYPES: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  text: 'string',
  varchar: 'string',
  'character varying': 'string',
  integer: 'number',
  int: 'number',
  smallint: 'number',
  real: 'number',
  float: 'number',
  double: 'number',
  'double precision': 'number',
  boolean: 'boolean',
};

/** What PostgreSQL keeps of a name (its manual, 4.1.1). TypeORM shortens longer ones. */
const MAX_NAME = 63;

/** Whether an entity is its table's columns and nothing else, so that TypeORM does no more than plain statements. */
export function isPlain(metadata: EntityMetadata): boolean {
  return (
    metadata.tableType === 'regular' &&
    metadata.tablePath === metadata.tableName &&
    metadata.treeType === undefined &&
    metadata.embeddeds.length === 0 &&
    metadata.eagerRelations.length === 0 &&
    metadata.relationIds.length === 0 &&
    metadata.listeners.length === 0 &&
    metadata.childEntityMetadatas.length === 0 &&
    metadata.columns.every(
      (column) =>
        column.isSelect &&
        column.isInsert &&
        column.isUpdate &&
        !column.isVirtual &&
        !column.isVirtualProperty &&
        !column.isCreateDate &&
        !column.isUpdateDate &&
        !column.isDeleteDate &&
        !column.isVersion &&
        column.asExpression === undefined &&
        column.generationStrategy !== 'uuid' &&
        `entity_${column.databaseName}`.length <= MAX_NAME,
    )
  );
}

/** The type of a column's values, where TypeORM hands them to the driver as they are. */
export function plainTypeOf(column: ColumnMetadata, driver: DataSource['driver']): string | undefined {
  if (column.isArray || column.enum !== undefined || column.transformer !== undefined) return undefined;
  // Its name says that TypeORM makes no text of it, as it does of a `bigint` that is generated.
  return column.type === 'int8' ? 'number' : PLAIN_TYPES[driver.normalizeType(column)];
}

/** Whether somebody wants to read what is asked of the database. */
export function logsQueries({ logger, logging, maxQueryExecutionTime }: DataSourceOptions): boolean {
  if (maxQueryExecutionTime !== undefined) return true;
  if (Array.isArray(logging)) return logging.includes('query');
  return logging === true || logging === 'all' || (logger !== undefined && logging !== false);
}
