import type { DataSource, DataSourceOptions, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** Types whose values the drivers take as they are, by the names that both engines have for them. */
const PLAIN_TYPES = new Set([
  ...['text', 'varchar', 'character varying', 'integer', 'int', 'smallint', 'boolean'],
  ...['real', 'float', 'double', 'double precision'],
]);

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

/** Whether TypeORM hands a column's values to the driver as they are. */
export function isPlainColumn(column: ColumnMetadata, driver: DataSource['driver']): boolean {
  return (
    !column.isArray &&
    column.enum === undefined &&
    column.transformer === undefined &&
    PLAIN_TYPES.has(driver.normalizeType(column))
  );
}

/** Whether somebody wants to read what is asked of the database. */
export function logsQueries({ logger, logging, maxQueryExecutionTime }: DataSourceOptions): boolean {
  if (maxQueryExecutionTime !== undefined) return true;
  if (Array.isArray(logging)) return logging.includes('query');
  return logging === true || logging === 'all' || (logger !== undefined && logging !== false);
}
