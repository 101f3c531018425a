import {
  type EntityManager,
  type EntityMetadata,
  type EntityTarget,
  InsertResult,
  type ObjectLiteral,
} from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { Dialect } from '../dialect.js';
import type { SessionDataSource } from '../session-data-source.js';
import { newEntity } from '../typeorm-internals.js';
import { CompiledStatement, refuseLostId, type Row, type Written } from './compiled-statement.js';
import { isPlain, logsQueries, plainTypeOf } from './plain-entities.js';

const ALIAS = 'entity';

/** Values of an entity's own columns, such as `{ id: 1 }`. */
type Values = Readonly<Record<string, unknown>>;

/**
 * The commonest statements on one entity, compiled once for each set of columns that they are called with.
 *
 * Each method answers `undefined` for a call that it has no statement for; TypeORM then does it.
 */
export class PreparedStatements<Entity extends ObjectLiteral> {
  private readonly metadata: EntityMetadata;
  private readonly dialect: Dialect;
  private readonly isPlain: boolean;
  /** Whether the key is what the database tells by itself. */
  private readonly rowIdIsKey: boolean;
  /** Those whose values are taken as they come. */
  private readonly columns = new Map<string, { readonly column: ColumnMetadata; readonly type: string }>();
  /** The property that is the key, where the database fills that and nothing else: it would have to be read back. */
  private readonly key?: string;
  private readonly compiled = new Map<string, CompiledStatement>();

  constructor(
    private readonly entity: EntityTarget<Entity>,
    private readonly dataSource: SessionDataSource,
  ) {
    this.metadata = dataSource.getMetadata(entity);
    // A logger would not hear of these statements.
    this.isPlain = isPlain(this.metadata) && !logsQueries(dataSource.options);
    this.dialect = dataSource.engine.dialect;
    this.rowIdIsKey =
      this.dialect.tellsNewIds &&
      this.metadata.primaryColumns.every((column) => column.generationStrategy === 'increment');
    for (const column of this.metadata.columns) {
      const type = plainTypeOf(column, dataSource.driver);
      if (type) this.columns.set(column.propertyName, { column, type });
    }
    this.key = givenKey(this.metadata);
  }

  /** The first entity with these values, or null. */
  findOne(manager: EntityManager, where: Values): Promise<Entity | null> | undefined {
    const columns = this.columnsOf(where, isComparable);
    if (!columns) return undefined;
    const statement = this.statement('select', columns, () =>
      columns
        .reduce(
          (query, { propertyName }, n) => query.andWhere(`${ALIAS}.${propertyName} = ${parameter(n)}`),
          this.dataSource.createQueryBuilder(this.entity, ALIAS),
        )
        .limit(1)
        .getQuery(),
    );
    return statement.rowsOfEach(manager, [this.values(columns, where)], ([row]) =>
      row ? this.hydrate(row, manager) : null,
    );
  }

  /** Inserts rows that all have the same columns. */
  insert(manager: EntityManager, rows: readonly Values[]): Promise<InsertResult> | undefined {
    const [first] = rows;
    const columns = this.key !== undefined && first ? this.columnsOf(first, isStorable) : undefined;
    if (!columns || !rows.every((row) => this.hasColumns(row, columns))) return undefined;
    // TypeORM leaves such a value out on PostgreSQL.
    if (!this.dialect.tellsNewIds && columns.some((column) => column.isGenerated)) return undefined;
    return this.insertColumns(manager, columns, rows);
  }

  /** Inserts an entity that has all of its columns but the key, which it gets. Returns the same entity. */
  insertNew<New extends ObjectLiteral>(manager: EntityManager, entity: New): Promise<New> | undefined {
    const { key, metadata } = this;
    if (key === undefined || entity[key] !== undefined || !isOf(metadata, entity)) return undefined;
    const { [key]: _, ...values } = entity;
    const columns = this.columnsOf(values, isStorable);
    if (columns?.length !== metadata.columns.length - 1) return undefined;
    return this.insertColumns(manager, columns, [entity]).then(() => entity);
  }

  /** Sets values where others are. Answers how many rows that were. */
  update(manager: EntityManager, where: Values, set: Values): Promise<number> | undefined {
    const conditions = this.columnsOf(where, isComparable);
    const changes = this.columnsOf(set, isStorable);
    if (!conditions || !changes) return undefined;
    const columns = [...changes, ...conditions];
    const statement = this.statement(`update ${changes.length}`, columns, () => {
      const equal = columns.map(({ databaseName }, n) => `${this.escape(databaseName)} = ${parameter(n)}`);
      return (
        `UPDATE ${this.table} SET ${equal.slice(0, changes.length).join(', ')} ` +
        `WHERE ${equal.slice(changes.length).join(' AND ')}`
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
    // Once it is kept: a transaction that SQLite has lost is run again, with the same rows.
    const toResult = (answers: Row[]): InsertResult => {
      for (const written of this.rowIdIsKey ? answers : []) refuseLostId(written, this.metadata.tableName);
      const identifiers = answers.map((row) => this.identifier(row));
      // As TypeORM does, so that the caller's own objects know their ids.
      rows.forEach((row, n) => Object.assign(row, identifiers[n]));
      const raw: unknown = this.dialect.tellsNewIds ? answers.at(-1)?.lastInsertRowid : answers;
      return Object.assign(new InsertResult(), { raw, identifiers, generatedMaps: identifiers });
    };
    const { rowsOfLists } = this.dialect;
    if (rowsOfLists && rows.length > 1) {
      // One statement for any number of rows.
      const statement = this.statement('insert many', columns, () => {
        const lists = columns.map(
          (column, n) => `${parameter(n)}::${this.dataSource.driver.normalizeType(column)}[]`,
        );
        return `INSERT INTO ${this.table} (${names}) ${rowsOfLists(lists)}${returning}`;
      });
      const lists = columns.map((_, n) => values.map((row) => row[n]));
      return statement.rows(manager, lists).then(toResult);
    }
    const statement = this.statement('insert', columns, () => {
      const parameters = columns.map((_, n) => parameter(n)).join(', ');
      return `INSERT INTO ${this.table} (${names}) VALUES (${parameters})${returning}`;
    });
    return statement.rowsOfEach(manager, values, (answers) => answers).then(toResult);
  }

  private get table(): string {
    return this.escape(this.metadata.tableName);
  }

  private escape(name: string): string {
    return this.dataSource.driver.escape(name);
  }

  /** The columns of these values, where each is a plain value of a column of its own. */
  private columnsOf(values: Values, fits: Fits): ColumnMetadata[] | undefined {
    // Nor would subscribers, who may come at any time.
    if (!this.isPlain || this.dataSource.subscribers.length > 0) return undefined;
    const columns: ColumnMetadata[] = [];
    for (const name in values) {
      const known = this.columns.get(name);
      if (!known || !fits(values[name], known.type)) return undefined;
      columns.push(known.column);
    }
    return columns.length > 0 ? columns : undefined;
  }

  private hasColumns(row: Values, columns: readonly ColumnMetadata[]): boolean {
    let count = 0;
    for (const name in row) {
      const known = this.columns.get(name);
      if (!known || !isStorable(row[name], known.type) || !columns.includes(known.column)) return false;
      count += 1;
    }
    return count === columns.length;
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
      statement = new CompiledStatement(build());
      this.compiled.set(key, statement);
    }
    return statement;
  }

  private hydrate(row: Row, { queryRunner }: EntityManager): Entity {
    const entity = newEntity(this.metadata, queryRunner) as Entity & Row;
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

/** Whether a value is one that a column of this type is for. */
type Fits = (value: unknown, type: string) => boolean;

const isComparable: Fits = (value, type) =>
  typeof value === type && (type !== 'number' || Number.isFinite(value));

const isStorable: Fits = (value, type) => value === null || isComparable(value, type);

/** The parameter that the nth value is for. */
function parameter(n: number): string {
  return `$${n + 1}`;
}

/** Whether TypeORM would take an object for this entity, and not for one of another class. */
function isOf({ target }: EntityMetadata, entity: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(entity);
  return prototype === Object.prototype || (typeof target === 'function' && prototype === target.prototype);
}

/** The property that the database fills, where that is the whole key and it fills nothing else. */
function givenKey({ columns, primaryColumns }: EntityMetadata): string | undefined {
  const [key] = primaryColumns;
  const isOnly =
    primaryColumns.length === 1 &&
    columns.every((column) => column.isGenerated === (column === key) && column.default === undefined);
  return isOnly ? key?.propertyName : undefined;
}
