import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { DatabaseSetupError } from '../errors.js';
import { placeIn } from '../places.js';
import type { SessionDataSource } from '../session-data-source.js';
import { type BetterSqlite3DataSourceOptions, BetterSqlite3Driver } from '../typeorm-internals.js';
import type { SqliteEngine } from './engine.js';
import { OpenFiles } from './open-files.js';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './pragmas.js';
import { SqliteQueryRunner } from './query-runner.js';
import { withCachedStatements } from './statement-cache.js';
import { whileBusy } from './while-busy.js';

/** TypeORM's driver with two connections to the file: one that writes and one that only reads. */
export class SqliteDriver extends BetterSqlite3Driver {
  declare readonly options: BetterSqlite3DataSourceOptions;
  declare readonly dataSource: SessionDataSource;
  /** The connection that writes, and whose statements are cached. */
  writer!: Database;
  /** The one that reads. None, where another would see another database: then reads take turns with writes. */
  reader?: Database;
  /** The files of the connections. None in memory. */
  files?: OpenFiles;

  constructor(
    dataSource: SessionDataSource,
    readonly engine: SqliteEngine,
  ) {
    super(dataSource);
  }

  override async connect(): Promise<void> {
    this.files = undefined;
    await super.connect();
    const database = this.databaseConnection as Database;
    this.writer = withCachedStatements(database);
    if (this.options.readonly) this.reader = this.writer;
    else if (!database.memory) this.reader = withCachedStatements(await this.openReader());
    await this.engine.open(database);
  }

  override async afterConnect(): Promise<void> {
    await super.afterConnect();
    if (Object.keys(this.attachedDatabases).length > 0) this.leaveReader();
  }

  /** Has reads take turns with writes: only the connection that writes has the tables of an attached file. */
  leaveReader(): void {
    if (this.reader !== this.writer) this.reader?.close();
    this.reader = undefined;
  }

  override async disconnect(): Promise<void> {
    await this.engine.close();
    this.closeConnections();
    await super.disconnect();
  }

  /** Has SQLite let go of the files. */
  closeConnections(): void {
    this.reader?.close();
    this.writer.close();
  }

  /** A new one each time, where TypeORM gives the same to all; it does so where the schema is changed. */
  override createQueryRunner(): QueryRunner {
    const direct = placeIn(this.dataSource)?.direct;
    return direct ? (direct.runner ??= new SqliteQueryRunner(this)) : new SqliteQueryRunner(this);
  }

  /** Only `integer` can be AUTOINCREMENT (sqlite.org/autoinc.html), and it has 64 bits; what refers to it is of its type. */
  override normalizeType(column: Parameters<BetterSqlite3Driver['normalizeType']>[0]): string {
    return column.type === 'int8' && isGenerated(column as Partial<ColumnMetadata>)
      ? 'integer'
      : super.normalizeType(column);
  }

  protected override async createDatabaseConnection(): Promise<Database> {
    const { database, readonly } = this.options;
    // There may be secrets in it. What SQLite makes beside it gets the same permissions.
    const isFile = database !== '' && !database.includes(':memory:');
    if (isFile && !readonly) {
      await this.createDatabaseDirectory(dirname(database));
      if (!existsSync(database)) closeSync(openSync(database, 'a', 0o600));
    }
    const connection = (await super.createDatabaseConnection()) as Database;
    // Before anything waits for a lock, as for the one of a restore: afterwards the name may lead to another file.
    if (!connection.memory) this.files ??= new OpenFiles(connection);
    try {
      await whileBusy(() => {
        if (readonly) READER_PRAGMAS.forEach((pragma) => connection.pragma(pragma));
        else setUpWriter(connection);
      });
    } catch (error) {
      connection.close();
      // SQLite finds it out, too, where it makes a journal by that name (SQLITE_READONLY_DBMOVED).
      this.files?.check();
      throw error;
    }
    return connection;
  }

  private async openReader(): Promise<Database> {
    const { options } = this;
    Object.assign(this, { options: { ...options, readonly: true, fileMustExist: true, enableWAL: false } });
    try {
      return await this.createDatabaseConnection();
    } finally {
      Object.assign(this, { options });
    }
  }
}

/** Whether a column's values, or those of the one that it refers to, are given by the database. */
function isGenerated(column: Partial<ColumnMetadata>): boolean {
  return column.isGenerated === true || (!!column.referencedColumn && isGenerated(column.referencedColumn));
}

function setUpWriter(connection: Database): void {
  for (const pragma of WRITER_PRAGMAS) connection.pragma(pragma);
  if (connection.memory || connection.pragma('journal_mode', { simple: true }) === 'wal') return;
  throw new DatabaseSetupError(
    'The file system of the SQLite file has no shared memory, which WAL mode needs.',
  );
}
