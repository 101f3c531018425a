import type {
  DataSource,
  EntityManager,
  EntityMetadata,
  EntityTarget,
  InsertResult,
  ObjectLiteral,
} from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { CompiledStatement, type Row, type Written } from './compiled-statement.js';

const ALIAS = 'entity';

/** Stands for a parameter until the engine's own sign for it is put in. */
const MARK = '§';

/** Values of an entity's own columns, such as `{ id: 1 }`. */
type Values = Readonly<Record<string, unknown>>;

/**
 * The commonest statements on one entity, compiled once for each set of columns that they are called with.
 *
 * Each method answers `undefined` for a call that it has no statement for; TypeORM then does it.
 */
export class PreparedStatements<Entity extends ObjectLiteral> {
  private readonly metadata: EntityMetadata;
  private readonly simple: boolean;
  /** SQLite tells the new id without RETURNING, which makes an insert three times as long there. */
  private readonly rowIdIsKey: boolean;
  private readonly columns = new Map<string, ColumnMetadata>();
  private readonly compiled = new Map<string, CompiledStatement>();

  constructor(
    private readonly entity: EntityTarget<Entity>,
    private readonly dataSource: DataSource,
  ) {
    this.metadata = dataSource.getMetadata(entity);
    this.simple = isSimple(this.metadata) && dataSource.subscribers.length === 0;
    this.rowIdIsKey =
      dataSource.options.type !== 'postgres' &&
      this.metadata.primaryColumns.every((column) => column.generationStrategy === 'increment');
    for (const column of this.metadata.columns) this.columns.set(column.propertyName, column);
  }

  /** The first entity with these values, or null. */
  findOne(manager: EntityManager, where: Values): Promise<Entity | null> | undefined {
    const columns = this.columnsOf(where, isComparable);
    if (!columns) return undefined;
    const statement = this.statement('select', columns, () =>
      columns
        .reduce(
          (query, { propertyName }) => query.andWhere(`${ALIAS}.${propertyName} = ${MARK}`),
          this.dataSource.createQueryBuilder(this.entity, ALIAS),
        )
        .limit(1)
        .getQuery(),
    );
    return statement.rowsOfEach(manager, [this.values(columns, where)], ([row]) =>
      row ? this.hydrate(row) : null,
    );
  }

  /** Inserts rows that all have the same columns. */
  insert(manager: EntityManager, rows: readonly Values[]): Promise<InsertResult> | undefined {
    const [first] = rows;
    const columns = first && this.columnsOf(first, isStorable);
    if (!columns || !rows.every((row) => sameColumns(row, columns))) return undefined;
    return this.insertColumns(manager, columns, rows);
  }

  /** Sets values where others are. Answers how many rows that were. */
  update(manager: EntityManager, where: Values, set: Values): Promise<number> | undefined {
    const conditions = this.columnsOf(where, isComparable);
    const changes = this.columnsOf(set, isStorable);
    if (!conditions || !changes) return undefined;
    const columns = [...changes, ...conditions];
    const statement = this.statement(`update ${changes.length}`, columns, () => {
      const equal = ({ databaseName }: ColumnMetadata) => `${this.escape(databaseName)} = ${MARK}`;
      return (
        `UPDATE ${this.table} SET ${changes.map(equal).join(', ')} ` +
        `WHERE ${conditions.map(equal).join(' AND ')}`
      );
    });
    const values = [...this.values(changes, set), ...this.values(conditions, where)];
    return statement.rowsOfEach(manager, [values], ([written]) => (written as Written).changes);
  }

  private insertColumns(
    manager: EntityManager,
    columns: ColumnMetadata[],
    rows: readonly Values[],
  ): Promise<InsertResult> {
    const names = columns.map(({ databaseName }) => this.escape(databaseName)).join(', ');
    const returning = this.rowIdIsKey
      ? ''
      : ` RETURNING ${this.metadata.primaryColumns.map(({ databaseName }) => this.escape(databaseName)).join(', ')}`;
    const values = rows.map((row) => this.values(columns, row));
    const toResult = (raw: Row[]): InsertResult => {
      const identifiers = raw.map((row) => this.identifier(row));
      // As TypeORM does, so that the caller's own objects know their ids.
      rows.forEach((row, n) => Object.assign(row, identifiers[n]));
      return { raw, identifiers, generatedMaps: identifiers };
    };
    if (this.dataSource.options.type === 'postgres' && rows.length > 1) {
      // One statement for any number of rows: a list for each column.
      const statement = this.statement('insert many', columns, () => {
        const lists = columns.map((column) => `${MARK}::${this.dataSource.driver.normalizeType(column)}[]`);
        return `INSERT INTO ${this.table} (${names}) SELECT * FROM unnest(${lists.join(', ')})${returning}`;
      });
      const lists = columns.map((_, n) => values.map((row) => row[n]));
      return statement.rowsOfEach(manager, [lists], toResult);
    }
    const statement = this.statement('insert', columns, () => {
      const marks = columns.map(() => MARK).join(', ');
      return `INSERT INTO ${this.table} (${names}) VALUES (${marks})${returning}`;
    });
    return statement.rowsOfEach(manager, values, toResult);
  }

  private get table(): string {
    return this.escape(this.metadata.tableName);
  }

  private escape(name: string): string {
    return this.dataSource.driver.escape(name);
  }

  /** The columns of these values, where each is a plain value of a column of its own. */
  private columnsOf(values: Values, fits: (value: unknown) => boolean): ColumnMetadata[] | undefined {
    if (!this.simple) return undefined;
    const columns: ColumnMetadata[] = [];
    for (const name in values) {
      const column = this.columns.get(name);
      if (!column || !fits(values[name])) return undefined;
      columns.push(column);
    }
    return columns.length > 0 ? columns : undefined;
  }

  private values(columns: ColumnMetadata[], values: Values): unknown[] {
    return columns.map((column) =>
      this.dataSource.driver.preparePersistentValue(values[column.propertyName], column),
    );
  }

  private statement(kind: string, columns: ColumnMetadata[], build: () => string): CompiledStatement {
    let key = kind;
    for (const { propertyName } of columns) key += ` ${propertyName}`;
    let statement = this.compiled.get(key);
    if (!statement) {
      statement = new CompiledStatement(this.numberMarks(build()));
      this.compiled.set(key, statement);
    }
    return statement;
  }

  /** Puts the engine's own parameters in the place of the marks, in the order in which they stand. */
  private numberMarks(sql: string): string {
    let n = 0;
    return sql.replaceAll(MARK, () => (this.dataSource.options.type === 'postgres' ? `$${(n += 1)}` : '?'));
  }

  private hydrate(row: Row): Entity {
    const entity = this.metadata.create() as Entity & Row;
    for (const column of this.metadata.columns) {
      const value = row[`${ALIAS}_${column.databaseName}`];
      (entity as Row)[column.propertyName] = this.dataSource.driver.prepareHydratedValue(value, column);
    }
    return entity;
  }

  private identifier(row: Row): ObjectLiteral {
    return Object.fromEntries(
      this.metadata.primaryColumns.map(({ databaseName, propertyName }) => [
        propertyName,
        row[this.rowIdIsKey ? ('lastInsertRowid' satisfies keyof Written) : databaseName],
      ]),
    );
  }
}

const isComparable = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isStorable = (value: unknown): boolean => value === null || isComparable(value);

function sameColumns(row: Values, columns: ColumnMetadata[]): boolean {
  return (
    Object.keys(row).length === columns.length &&
    columns.every(({ propertyName }) => isStorable(row[propertyName]))
  );
}

/** Whether an entity is its table's columns and nothing else, so that TypeORM does no more than these statements. */
function isSimple(metadata: EntityMetadata): boolean {
  return (
    metadata.tableType === 'regular' &&
    metadata.embeddeds.length === 0 &&
    metadata.eagerRelations.length === 0 &&
    metadata.listeners.length === 0 &&
    metadata.childEntityMetadatas.length === 0 &&
    metadata.columns.every(
      (column) =>
        column.isSelect &&
        !column.isVirtual &&
        !column.isVirtualProperty &&
        !column.isCreateDate &&
        !column.isUpdateDate &&
        !column.isDeleteDate &&
        !column.isVersion &&
        column.generationStrategy !== 'uuid',
    )
  );
}
