import { DataSource, type EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { exportedEntities } from '../schema/entities.js';

/** What values a column takes, the same on both engines. */
export type Kind = 'text' | 'integer' | 'boolean' | 'number';

/** A column of a table. */
export interface TransferColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  /** Rows may come without it, as those of an older schema do. */
  readonly optional: boolean;
  /** The most characters of a text. */
  readonly length?: number;
}

/** A table as it is carried from one database to another. */
export interface TransferTable {
  readonly name: string;
  readonly columns: readonly TransferColumn[];
  /** The names of the columns of its primary key. */
  readonly key: readonly string[];
  /** Its columns that refer to the primary key of another table. */
  readonly references: readonly { readonly column: string; readonly table: string }[];
  /** The column whose values the database gives. */
  readonly generated?: string;
}

const KINDS: Record<string, Kind> = {
  text: 'text',
  varchar: 'text',
  integer: 'integer',
  int8: 'integer',
  boolean: 'boolean',
  real: 'number',
};

/**
 * The tables that are exported, each after those that it refers to. They are the same on both engines.
 *
 * @throws Error where an entity has a type of column that was never carried over: see KINDS
 */
export async function transferTables(): Promise<TransferTable[]> {
  // What the decorators say is put together by a connection only, though nothing is asked of it.
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: ':memory:',
    entities: exportedEntities,
  });
  await dataSource.initialize();
  try {
    // Not entityMetadatas, which has them in the order in which their files happened to be loaded.
    return inOrder(exportedEntities.map((entity) => dataSource.getMetadata(entity))).map((metadata) => ({
      name: metadata.tableName,
      columns: metadata.columns.map((column) => transferColumn(dataSource, column)),
      key: metadata.primaryColumns.map(({ databaseName }) => databaseName),
      references: metadata.foreignKeys.flatMap(({ columnNames, referencedTablePath: other }) =>
        columnNames.map((column) => ({ column, table: other })),
      ),
      generated: metadata.columns.find(({ isGenerated }) => isGenerated)?.databaseName,
    }));
  } finally {
    await dataSource.destroy();
  }
}

function transferColumn({ driver }: DataSource, column: ColumnMetadata): TransferColumn {
  const type = driver.normalizeType(column);
  const kind = KINDS[type];
  if (kind === undefined) {
    throw new Error(`Export and import do not know columns of the type ${type}: ${column.propertyPath}.`);
  }
  return {
    name: column.databaseName,
    kind,
    nullable: column.isNullable,
    optional: column.isNullable || column.default !== undefined,
    length: kind === 'text' && column.length ? Number(column.length) : undefined,
  };
}

/** A table that refers to itself has no order among its own rows, but for that of their ids. */
function inOrder(metadatas: readonly EntityMetadata[]): EntityMetadata[] {
  const ordered = new Set<EntityMetadata>();
  const add = (metadata: EntityMetadata, waiting: readonly EntityMetadata[]): void => {
    if (waiting.includes(metadata)) throw new Error(`The tables refer to each other: ${metadata.tableName}.`);
    for (const { referencedEntityMetadata: other } of metadata.foreignKeys) {
      if (other !== metadata && !ordered.has(other)) add(other, [...waiting, metadata]);
    }
    ordered.add(metadata);
  };
  for (const metadata of metadatas) add(metadata, []);
  return [...ordered];
}
