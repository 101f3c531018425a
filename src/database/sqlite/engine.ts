import type { Database } from 'better-sqlite3';
import {
  type EntityManager,
  QueryFailedError,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';
import { DatabaseUnavailableError } from '../errors.js';
import type { Engine } from '../engine.js';
import { currentName, type Direct, enter, isDirect, placeIn } from '../places.js';
import type { OpenTransaction } from '../runner-transaction.js';
import type { SessionDataSource } from '../session-data-source.js';
import type { CompiledStatement, Row } from '../statements/compiled-statement.js';
import { Transaction } from '../transaction.js';
import { type IsolationLevel, retire, withManager } from '../typeorm-internals.js';
import { SqliteChanges } from './changes.js';
import { sqliteDialect } from './dialect.js';
import { SqliteDriver } from './driver.js';
import { FileWatch } from './file-watch.js';
import { SqliteMaintenance } from './maintenance.js';
import { SqliteQueryRunner } from './query-runner.js';
import { ReadBatch } from './reads.js';
import { type Disk, WalSync } from './wal-sync.js';
import { type Write, WriteQueue } from './write-queue.js';

/** TypeORM's own time to wait for another process. */
const WAIT_MS = 5_000;

/** SQLite: one connection writes, for one transaction at a time, and another reads. */
export class SqliteEngine implements Engine {
  readonly driver: SqliteDriver;
  readonly dialect = sqliteDialect;
  readonly isImmediate = true;
  readonly standbyReads = 0;
  readonly changes: SqliteChanges;
  maintenance!: SqliteMaintenance;
  /** Stands in for the sync of the disk in tests. */
  disk?: Disk;
  private queue!: WriteQueue;
  private reads?: ReadBatch;
  private watch?: FileWatch;

  constructor(private readonly dataSource: SessionDataSource) {
    this.driver = new SqliteDriver(dataSource, this);
    this.changes = new SqliteChanges(dataSource);
  }

  /** Begins to take writes, on the connection that the driver has opened. */
  async open(writer: Database): Promise<void> {
    const { dataSource } = this;
    const { options } = dataSource;
    const { readonly = false } = this.driver.options;
    // From here on the queue waits for locks, and never on the event loop.
    if (!readonly) writer.pragma('busy_timeout = 0');
    const { files } = this.driver;
    if (!readonly) files?.addLog();
    const walSync = files && !readonly ? new WalSync(files.log, this.disk, files) : undefined;
    this.reads = undefined;
    this.changes.open(writer, files);
    this.queue = new WriteQueue(writer, walSync, (tables) => this.changes.tell(tables), options);
    this.maintenance = new SqliteMaintenance(writer, files?.file ?? '', (work) =>
      this.writeOnce(async () => work()),
    );
    this.watch =
      files &&
      new FileWatch(files, writer, async () => {
        await this.queue.close();
        this.driver.closeConnections();
      });
    // Before anything is written beside a file that has come meanwhile.
    files?.check();
    // Better than at the first request: a file that is read-only, or on a disk that cannot sync.
    if (!readonly) await this.probe();
    this.watch?.begin();
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.watch?.end();
  }

  /** @throws DatabaseUnavailableError where the files are no longer the named ones: what is read there is out of date */
  mustHaveFiles(): void {
    const failed = this.driver.files?.failed;
    if (failed) throw failed;
  }

  async transaction<T>(
    isolation: IsolationLevel | undefined,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const level = isolation ?? this.dataSource.options.isolationLevel;
    let transaction!: Transaction;
    const write = this.write(async (own) => {
      transaction = own;
      // As TypeORM says it. It matters only where connections share a cache.
      if (level) this.driver.writer.pragma(`read_uncommitted = ${level === 'READ UNCOMMITTED'}`);
      return own.run(work);
    });
    try {
      const result = await this.queue.run(write);
      await transaction.committed();
      return result;
    } catch (error) {
      // It may never have begun.
      await (transaction as Transaction | undefined)?.rolledBack();
      throw error;
    }
  }

  statement<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.writeOnce((transaction) => work(transaction.runner.manager));
  }

  execute<T>(
    sql: CompiledStatement,
    lists: readonly unknown[][],
    map: (rows: Row[]) => T,
    runner?: QueryRunner,
  ): Promise<T> {
    const { reader } = this.driver;
    // Most of what a service does.
    if (!runner && sql.reads && reader && !placeIn(this.dataSource)) {
      return (this.reads ??= new ReadBatch(reader)).run(() => map(this.rows(sql, reader, lists)));
    }
    return this.executeElsewhere(sql, lists, map, runner);
  }

  private async executeElsewhere<T>(
    sql: CompiledStatement,
    lists: readonly unknown[][],
    map: (rows: Row[]) => T,
    runner?: QueryRunner,
  ): Promise<T> {
    const on = (database: Database) => map(this.rows(sql, database, lists));
    const { writer } = this.driver;
    const transaction = (runner as SqliteQueryRunner | undefined)?.transaction.current;
    if (transaction) return transaction.statement(sql.text, async () => on(writer));
    if (runner?.isReleased) throw new QueryRunnerAlreadyReleasedError();
    if (isDirect(this.dataSource)) return on(writer);
    const { reader } = this.driver;
    if (sql.reads && reader) return (this.reads ??= new ReadBatch(reader)).run(() => on(reader));
    // Nothing can come between: it needs nothing of what keeps a transaction together.
    return this.queue.run({
      name: currentName(),
      written: this.changes.tablesWrittenBy(sql.text),
      attempt: async () => on(writer),
      abandon: async () => undefined,
    });
  }

  async begin(runner: QueryRunner): Promise<OpenTransaction> {
    const transaction = new Transaction(this.dataSource, () => runner);
    const turn = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    let begun = false;
    const done = this.queue.run({
      name: transaction.name,
      written: transaction.written,
      attempt: async () => {
        if (begun) {
          throw new DatabaseUnavailableError(
            `SQLite has rolled back the transaction of ${transaction.name} because of another one: run it again.`,
          );
        }
        begun = true;
        turn.resolve();
        await end.promise;
        await transaction.end();
      },
      abandon: (error) => transaction.abandon(error),
    });
    // Whoever ends it is told; it may be too late for its begin.
    done.catch(turn.reject);
    await turn.promise;
    return {
      transaction,
      commit: () => {
        end.resolve();
        return done;
      },
      rollback: () => {
        end.reject(new Error('The transaction was rolled back.'));
        return done.catch(() => undefined);
      },
    };
  }

  changeSchema<T>(work: () => Promise<T>): Promise<T> {
    const { writer } = this.driver;
    return this.alone(
      async () => {
        // A table that is rebuilt would take its children along. TypeORM's own switch comes too late when it takes a
        // migration back: inside a transaction it does nothing.
        writer.pragma('foreign_keys = OFF');
        try {
          return await this.waiting(work);
        } finally {
          // The switch does nothing in a transaction that was left open, either.
          if (writer.inTransaction) writer.exec('ROLLBACK');
          writer.pragma('foreign_keys = ON');
        }
      },
      { unlimited: true },
    );
  }

  /** Runs a statement that cannot be in a transaction, or means the connection that writes. */
  runAlone(sql: string, run: (runner: QueryRunner) => Promise<unknown>): Promise<unknown> {
    const work = () => run(this.dataSource.createQueryRunner());
    // It may ask for the time to wait.
    return this.alone(() => (/^\s*PRAGMA\b/i.test(sql) ? this.waiting(work) : work()));
  }

  /** Runs `work` as TypeORM would, on the connection that writes, while nobody else does. */
  private alone<T>(work: () => Promise<T>, { unlimited = false } = {}): Promise<T> {
    const { dataSource, changes } = this;
    return this.queue.run(
      {
        name: currentName(),
        // Nobody can tell which tables it writes.
        written: changes.watchedTables,
        attempt: async () => {
          const direct: Direct = {};
          try {
            return await enter({ dataSource, direct }, work);
          } finally {
            direct.over = true;
          }
        },
        abandon: async () => undefined,
      },
      { alone: true, unlimited },
    );
  }

  /** Has the connection that writes wait for other processes as long as TypeORM does. */
  private async waiting<T>(work: () => Promise<T>): Promise<T> {
    const { writer, options } = this.driver;
    writer.pragma(`busy_timeout = ${options.timeout ?? WAIT_MS}`);
    try {
      return await work();
    } finally {
      writer.pragma('busy_timeout = 0');
    }
  }

  /** SQLite may end a transaction by itself, as for a full disk. */
  endsTransaction(): boolean {
    return !this.driver.writer.inTransaction;
  }

  async probe(): Promise<void> {
    const { writer } = this.driver;
    await this.writeOnce(async () => {
      // Writes the page that holds the number, and changes nothing (sqlite.org/pragma.html#pragma_user_version).
      const version = writer.pragma('user_version', { simple: true }) as number;
      writer.pragma(`user_version = ${version}`);
    });
  }

  /** A transaction that tells nobody of its begin and its end, as it is one statement. */
  private writeOnce<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.queue.run(
      this.write(async (transaction) => {
        const result = await work(transaction);
        await transaction.end();
        return result;
      }),
    );
  }

  private write<T>(attempt: (transaction: Transaction) => Promise<T>): Write<T> {
    let transaction: Transaction | undefined;
    const name = currentName();
    return {
      name,
      get written() {
        return transaction?.written ?? [];
      },
      attempt: async () => {
        let runner: QueryRunner | undefined;
        transaction = new Transaction(this.dataSource, (own) => (runner = this.newRunner(own)), name);
        try {
          return await attempt(transaction);
        } finally {
          if (runner) retire(runner, this.dataSource);
        }
      },
      abandon: async (error) => transaction?.abandon(error),
    };
  }

  private newRunner(transaction: Transaction): QueryRunner {
    return withManager(new SqliteQueryRunner(this.driver, transaction), this.dataSource);
  }

  private rows(sql: CompiledStatement, database: Database, lists: readonly unknown[][]): Row[] {
    this.mustHaveFiles();
    const ordered = lists.map((values) => sql.inOrder(values));
    try {
      const statement = sql.preparedOn(database);
      if (statement.reader && ordered.length === 1) return statement.all(ordered[0]!);
      if (statement.reader) return ordered.flatMap((values) => statement.all(values));
      return ordered.map((values) => ({ ...statement.run(values) }));
    } catch (error) {
      throw new QueryFailedError(sql.text, lists.flat(), error as Error);
    }
  }
}
