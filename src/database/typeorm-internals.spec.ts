import type { Database } from 'better-sqlite3';
import type { Pool } from 'pg';
import {
  Column,
  DataSource,
  type DataSourceOptions,
  Entity,
  EntityManager,
  type EntitySubscriberInterface,
  EventSubscriber,
  ManyToOne,
  MigrationExecutor,
  PrimaryGeneratedColumn,
  QueryFailedError,
  type QueryRunner,
  Repository,
} from 'typeorm';
import { connectionTo } from '../../test/database/support.js';
import { createDatabase, type Engine, engines, type TestDatabase } from '../../test/support/databases.js';
import {
  BetterSqlite3Driver,
  BetterSqlite3QueryRunner,
  bindRunner,
  broadcast,
  clientOf,
  connectionOf,
  dropConnection,
  PostgresDriver,
  PostgresQueryRunner,
  newEntity,
  readThrough,
  retire,
  setDepth,
  setDriver,
  type TransactionEvent,
  validateIsolationLevel,
  withManager,
  withoutStatementCache,
} from './typeorm-internals.js';

/*
 * What src/database relies on in TypeORM though its documentation does not promise it. Where one of these tests fails after
 * an update of TypeORM, its sentence says what has changed and which file leans on it.
 */

const events: string[] = [];

@EventSubscriber()
class Listener implements EntitySubscriberInterface {
  beforeTransactionStart = () => void events.push('BeforeTransactionStart');
  afterTransactionStart = () => void events.push('AfterTransactionStart');
  beforeTransactionCommit = () => void events.push('BeforeTransactionCommit');
  afterTransactionCommit = () => void events.push('AfterTransactionCommit');
  beforeTransactionRollback = () => void events.push('BeforeTransactionRollback');
  afterTransactionRollback = () => void events.push('AfterTransactionRollback');
}

@Entity()
class Owner {
  static made = 0;

  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { nullable: true })
  name: string | null;

  constructor() {
    Owner.made += 1;
  }
}

@Entity()
class Thing {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('boolean', { default: true })
  good: boolean;

  @ManyToOne(() => Owner, { lazy: true, nullable: true })
  owner: Promise<Owner | null>;
}

class First1000000000001 {
  up = async (runner: QueryRunner) => void (await runner.query('SELECT 1'));
  down = async (runner: QueryRunner) => void (await runner.query('SELECT 2'));
}

/** TypeORM's own data source on a database of its own. */
function useTypeOrm(engine: Engine) {
  let database: TestDatabase;
  let options: DataSourceOptions;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createDatabase(engine);
    options = { ...connectionTo(engine, database.url), entities: [Owner, Thing] };
    dataSource = await new DataSource({
      ...options,
      migrations: [First1000000000001],
      subscribers: [Listener],
      synchronize: true,
    }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => {
    events.length = 0;
    Owner.made = 0;
  });
  afterEach(() => vi.restoreAllMocks());

  /** A query runner, and the SQL that it is told to run. */
  const watched = () => {
    const { driver } = dataSource;
    // TypeORM gives all the same one on SQLite.
    const runner: QueryRunner =
      driver instanceof BetterSqlite3Driver
        ? new BetterSqlite3QueryRunner(driver)
        : dataSource.createQueryRunner();
    withManager(runner, dataSource);
    const said: string[] = [];
    const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
    vi.spyOn(runner, 'query').mockImplementation((sql: string, ...rest: unknown[]) => {
      said.push(sql);
      return query(sql, ...rest);
    });
    return { runner, said };
  };
  return {
    watched,
    get url() {
      return database.url;
    },
    get options() {
      return options;
    },
    get dataSource() {
      return dataSource;
    },
  };
}

describe.each(engines)('what is relied on in TypeORM on %s', (engine: Engine) => {
  const isSqlite = engine === 'sqlite';
  const typeOrm = useTypeOrm(engine);

  describe('a data source', () => {
    it('asks createEntityManager for its manager, and for that of each query runner', async () => {
      const asked: (QueryRunner | undefined)[] = [];
      class Own extends DataSource {
        override createEntityManager(runner?: QueryRunner): EntityManager {
          asked.push(runner);
          return super.createEntityManager(runner);
        }
      }
      const own = new Own(typeOrm.options);
      expect(
        asked,
        "TypeORM's DataSource no longer makes its manager with createEntityManager(): see session-data-source.ts",
      ).toEqual([undefined]);
      await own.initialize();
      asked.length = 0;
      const runner = own.createQueryRunner();
      expect(
        asked,
        "TypeORM's DataSource no longer makes a query runner's manager with createEntityManager(runner): see session-data-source.ts",
      ).toEqual([runner]);
      expect(
        runner.manager.queryRunner,
        'A query runner of TypeORM no longer has a manager that is bound to it: see withManager() in typeorm-internals.ts',
      ).toBe(runner);
      await runner.release();
      await own.destroy();
    });

    it('uses a driver that was put into its place before it is initialized', async () => {
      const own = new DataSource(typeOrm.options);
      const Driver = isSqlite ? BetterSqlite3Driver : PostgresDriver;
      const driver = new Driver(own);
      setDriver(own, driver);
      const connect = vi.spyOn(driver, 'connect');
      const afterConnect = vi.spyOn(driver, 'afterConnect');
      const disconnect = vi.spyOn(driver, 'disconnect');
      const createQueryRunner = vi.spyOn(driver, 'createQueryRunner');
      await own.initialize();
      expect(
        [connect.mock.calls.length, afterConnect.mock.calls.length],
        "TypeORM's DataSource no longer connects by driver.connect() and afterConnect(): see setDriver() and the drivers",
      ).toEqual([1, 1]);
      createQueryRunner.mockClear();
      const runner = own.createQueryRunner('slave');
      expect(
        createQueryRunner.mock.calls,
        "TypeORM's DataSource.createQueryRunner(mode) no longer asks driver.createQueryRunner(mode): see the drivers",
      ).toEqual([['slave']]);
      expect(createQueryRunner.mock.results[0]?.value).toBe(runner);
      await runner.release();
      await own.destroy();
      expect(
        disconnect,
        "TypeORM's DataSource no longer closes by driver.disconnect(): see the drivers",
      ).toHaveBeenCalledOnce();
    });

    it('takes a query runner of its own for each statement that has none, and releases it', async () => {
      const made: QueryRunner[] = [];
      const create = typeOrm.dataSource.createQueryRunner.bind(typeOrm.dataSource);
      const modes: unknown[] = [];
      vi.spyOn(typeOrm.dataSource, 'createQueryRunner').mockImplementation((mode) => {
        const runner = create(mode);
        modes.push(mode);
        made.push(runner);
        vi.spyOn(runner, 'release');
        return runner;
      });
      await typeOrm.dataSource.query('SELECT 1');
      await typeOrm.dataSource.createQueryBuilder().insert().into(Owner).values({ name: 'x' }).execute();
      await typeOrm.dataSource.createQueryBuilder(Owner, 'owner').getMany();
      await typeOrm.dataSource.manager.save(Owner, { name: 'x' });
      await typeOrm.dataSource.manager.clear(Thing);
      expect(
        modes,
        "TypeORM no longer makes its own query runners with the data source's createQueryRunner(), 'slave' to read: " +
          'see session-data-source.ts and query-runner.ts of the engines',
      ).toEqual([undefined, undefined, 'slave', undefined, undefined]);
      for (const { release } of made) {
        expect(release, 'TypeORM no longer releases the query runners that it has made').toHaveBeenCalled();
      }
    });

    it('changes the schema with query runners of its own', async () => {
      const create = vi.spyOn(typeOrm.dataSource, 'createQueryRunner');
      await typeOrm.dataSource.synchronize();
      const forSchema = create.mock.calls.length;
      await new MigrationExecutor(typeOrm.dataSource).getExecutedMigrations();
      expect(
        [forSchema > 0, create.mock.calls.length > forSchema],
        "TypeORM's synchronize() or MigrationExecutor no longer asks the data source for a query runner: see changeSchema() in the engines",
      ).toEqual([true, true]);
    });

    it('hands its transactions to its manager', async () => {
      const transaction = vi.spyOn(typeOrm.dataSource.manager, 'transaction').mockResolvedValue('answer');
      const work = async () => 'work';
      expect(await typeOrm.dataSource.transaction('SERIALIZABLE', work)).toBe('answer');
      expect(
        transaction,
        "TypeORM's DataSource.transaction() is no longer that of its manager: see session-manager.ts",
      ).toHaveBeenCalledWith('SERIALIZABLE', work);
    });

    it('checks isolation levels by what its driver supports', () => {
      const check = (level: string) => () =>
        validateIsolationLevel(typeOrm.dataSource.driver.supportedIsolationLevels, level as 'SERIALIZABLE');
      const sentence =
        'TypeORM no longer checks isolation levels so: see transact() in session-data-source.ts';
      expect(check('SERIALIZABLE'), sentence).not.toThrow();
      expect(check('CHAOS'), sentence).toThrow(/CHAOS isolation level is not supported/);
      expect(
        () => validateIsolationLevel(typeOrm.dataSource.driver.supportedIsolationLevels, undefined),
        sentence,
      ).not.toThrow();
    });
  });

  describe('a query runner', () => {
    const begin = isSqlite ? 'BEGIN TRANSACTION' : 'START TRANSACTION';

    it('begins and ends transactions, and nested ones, with these statements', async () => {
      const { runner, said } = typeOrm.watched();
      await runner.startTransaction();
      await runner.startTransaction();
      await runner.startTransaction();
      await runner.rollbackTransaction();
      await runner.commitTransaction();
      await runner.commitTransaction();
      await runner.startTransaction();
      await runner.rollbackTransaction();
      await runner.release();
      const saying = (sql: string) =>
        `TypeORM's query runner no longer says "${sql}" by its query(): see boundaries.ts`;
      [
        begin,
        'SAVEPOINT typeorm_1',
        'SAVEPOINT typeorm_2',
        'ROLLBACK TO SAVEPOINT typeorm_2',
        'RELEASE SAVEPOINT typeorm_1',
        'COMMIT',
        begin,
        'ROLLBACK',
      ].forEach((sql, n) => expect(said[n], saying(sql)).toBe(sql));
      expect(said, "TypeORM's query runner says more at a transaction: see boundaries.ts").toHaveLength(8);
    });

    it('says its isolation level by a statement beside', async () => {
      const { runner, said } = typeOrm.watched();
      await runner.startTransaction('SERIALIZABLE');
      await runner.rollbackTransaction();
      await runner.release();
      expect(
        said.slice(0, 2),
        "TypeORM's query runner says its isolation level in another way: see begin() in the engines",
      ).toEqual(
        isSqlite
          ? ['PRAGMA read_uncommitted = false', begin]
          : [begin, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
      );
    });

    it('knows by two members whether it is in a transaction, and how deep', async () => {
      const { runner } = typeOrm.watched();
      const query = vi.spyOn(runner, 'query').mockResolvedValue([]);
      setDepth(runner, 1);
      await runner.startTransaction();
      expect(
        query.mock.calls,
        "TypeORM's query runner no longer counts its transactions in transactionDepth: see setDepth() in typeorm-internals.ts",
      ).toEqual([['SAVEPOINT typeorm_1']]);
      setDepth(runner, 0);
      await expect(
        runner.commitTransaction(),
        "TypeORM's query runner no longer knows by isTransactionActive whether it is in a transaction: see setDepth() in typeorm-internals.ts",
      ).rejects.toThrow(/not started/);
      await runner.release();
    });

    it('keeps the transaction that it is in through a save, and begins one otherwise', async () => {
      const { runner, said } = typeOrm.watched();
      await runner.manager.save(Owner, { name: 'x' });
      expect(
        [said[0], said.at(-1)],
        'TypeORM no longer wraps save() in a transaction of the query runner: see persist() in session-manager.ts',
      ).toEqual([begin, 'COMMIT']);
      said.length = 0;
      await runner.startTransaction();
      await runner.manager.save(Owner, { name: 'x' });
      await runner.commitTransaction();
      expect(
        said.filter((sql) => /^(BEGIN|START|SAVEPOINT)/.test(sql)),
        "TypeORM's save() begins a transaction in one: see session-manager.ts",
      ).toEqual([begin]);
      await runner.release();
    });

    it('tells subscribers of a transaction by broadcast()', async () => {
      const { runner } = typeOrm.watched();
      const all = ['Before', 'After'].flatMap((when) =>
        ['Start', 'Commit', 'Rollback'].map((what) => `${when}Transaction${what}` as TransactionEvent),
      );
      for (const event of all) {
        await broadcast(runner, event);
        expect(
          events.splice(0),
          `TypeORM's query runner no longer tells its subscribers of ${event} by broadcaster.broadcast(): see broadcast() in typeorm-internals.ts`,
        ).toEqual([event]);
      }
      await runner.release();
    });

    it('gives what the database says of an error as driverError', async () => {
      const { runner } = typeOrm.watched();
      const error: unknown = await runner.query('SELECT * FROM nowhere').catch((failure: unknown) => failure);
      const sentence = "TypeORM's QueryFailedError no longer has the driver's own error: see errors.ts";
      expect(error, sentence).toBeInstanceOf(QueryFailedError);
      expect((error as QueryFailedError).driverError, sentence).toHaveProperty(
        'code',
        isSqlite ? 'SQLITE_ERROR' : '42P01',
      );
      await runner.release();
    });

    it('refuses statements once it is marked as released', async () => {
      const { runner } = typeOrm.watched();
      const sentence =
        "TypeORM's query runner no longer knows by isReleased that it was released: see retire() in typeorm-internals.ts";
      const { manager } = runner;
      retire(runner, typeOrm.dataSource);
      await expect(runner.query('SELECT 1'), sentence).rejects.toThrow(/released/);
      await expect(manager.query('SELECT 1'), sentence).rejects.toThrow(/released/);
      Object.assign(runner, { isReleased: false });
      await runner.release();
    });
  });

  describe('a manager', () => {
    it('has each of the methods that are overridden, and repositories call it for theirs', () => {
      const calls: [method: string, ...args: unknown[]][] = [
        ...['save', 'remove', 'softRemove', 'recover'].map((name) => [name, {}] as [string, unknown]),
        ...['insert', 'delete', 'softDelete', 'restore', 'findOneBy', 'updateAll'].map(
          (name) => [name, { id: 1 }] as [string, unknown],
        ),
        ['update', { id: 1 }, { name: 'x' }],
        ['upsert', { id: 1 }, ['id']],
        ['increment', { id: 1 }, 'id', 1],
        ['decrement', { id: 1 }, 'id', 1],
        ['deleteAll'],
        ['clear'],
      ];
      const repository = typeOrm.dataSource.getRepository(Owner);
      for (const [name, ...args] of calls) {
        const method = name as 'save';
        expect(
          EntityManager.prototype,
          `TypeORM's EntityManager no longer has ${name}(): see session-manager.ts`,
        ).toHaveProperty(name);
        const spy = vi.spyOn(typeOrm.dataSource.manager, method).mockResolvedValue({});
        void (repository[method] as (...values: unknown[]) => unknown)(...args);
        expect(
          spy.mock.calls[0]?.slice(0, 1 + args.length),
          `TypeORM's Repository.${name}() is no longer that of its manager: see session-manager.ts`,
        ).toEqual([Owner, ...args]);
        vi.restoreAllMocks();
      }
    });

    it('looks for its query runner each time, in a member that can be a getter', async () => {
      const manager = new EntityManager(typeOrm.dataSource);
      const { runner, said } = typeOrm.watched();
      let current: QueryRunner | undefined = runner;
      bindRunner(manager, () => current);
      await manager.query('SELECT 1');
      await manager.save(Owner, { name: 'x' });
      await manager.insert(Owner, { name: 'y' });
      await manager.transaction((own) => own.query('SELECT 2'));
      await manager.createQueryBuilder(Owner, 'owner').getCount();
      const before = said.length;
      expect(
        before,
        "TypeORM's manager no longer uses its member queryRunner for all: see bindRunner() in typeorm-internals.ts",
      ).toBeGreaterThanOrEqual(9);
      current = undefined;
      await manager.query('SELECT 1');
      await manager.save(Owner, { name: 'z' });
      expect(
        said,
        "TypeORM's manager keeps the query runner that it had: see bindRunner() in typeorm-internals.ts",
      ).toHaveLength(before);
      await runner.release();
    });

    it('keeps the repositories that it has made, with the query runner that it has then', () => {
      const manager = new EntityManager(typeOrm.dataSource);
      const runner = {} as QueryRunner;
      bindRunner(manager, () => runner);
      const repository = manager.getRepository(Owner);
      const sentence =
        "TypeORM's manager no longer keeps repositories and what they were made with: see getRepository() in session-manager.ts";
      expect(repository, sentence).toBeInstanceOf(Repository);
      expect(manager.getRepository(Owner), sentence).toBe(repository);
      expect(repository.queryRunner, sentence).toBe(runner);
    });
  });

  describe('metadata', () => {
    it.each([false, true])(
      'make entities as TypeORM makes those that it has read, entitySkipConstructor: %s',
      async (skip) => {
        const own = await new DataSource({ ...typeOrm.options, entitySkipConstructor: skip }).initialize();
        await own.manager.insert(Owner, { name: 'x' });
        Owner.made = 0;
        await own.manager.findOne(Owner, { where: {} });
        const { made } = Owner;
        const entity = newEntity(own.getMetadata(Owner), undefined);
        const sentence =
          'EntityMetadata.create() of TypeORM no longer makes entities as those that are read: see newEntity() in typeorm-internals.ts';
        expect(Owner.made, sentence).toBe(2 * made);
        expect(entity, sentence).toBeInstanceOf(Owner);
        expect(Object.keys(entity), sentence).toEqual([]);
        await own.destroy();
      },
    );

    it('give entities their lazy relations, which do without a query runner that was released', async () => {
      const { runner, said } = typeOrm.watched();
      const { id } = await typeOrm.dataSource.manager.save(Thing, { good: true });
      const thing = newEntity(typeOrm.dataSource.getMetadata(Thing), runner) as Thing;
      thing.id = id;
      const sentence =
        'A lazy relation of TypeORM no longer does without a query runner that was released: see retire() in typeorm-internals.ts';
      retire(runner, typeOrm.dataSource);
      await expect(thing.owner, sentence).resolves.toBeNull();
      expect(said, sentence).toEqual([]);
      Object.assign(runner, { isReleased: false });
      await runner.release();
    });

    it('have what tells a plain entity from others', () => {
      const metadata = typeOrm.dataSource.getMetadata(Thing);
      const sentence = (name: string) =>
        `TypeORM's metadata no longer have ${name} so: see plain-entities.ts`;
      expect(metadata, sentence('of entities')).toMatchObject({
        tableType: 'regular',
        tableName: 'thing',
        tablePath: 'thing',
        embeddeds: [],
        eagerRelations: [],
        listeners: [],
        childEntityMetadatas: [],
      });
      expect(metadata.treeType, sentence('treeType')).toBeUndefined();
      const column = (name: string) => metadata.findColumnWithPropertyName(name)!;
      for (const name of [
        ...[
          'isSelect',
          'isInsert',
          'isUpdate',
          'isVirtual',
          'isVirtualProperty',
          'isCreateDate',
          'isUpdateDate',
        ],
        ...['isDeleteDate', 'isVersion', 'isGenerated', 'isArray', 'isNullable'],
      ]) {
        expect(column('good'), sentence(name)).toHaveProperty(name, /^is(Select|Insert|Update)$/.test(name));
      }
      expect(column('id'), sentence('isGenerated')).toMatchObject({
        isGenerated: true,
        generationStrategy: 'increment',
        propertyName: 'id',
        databaseName: 'id',
      });
      expect(column('good').default, sentence('default')).toBe(true);
      expect(typeOrm.dataSource.driver.normalizeType(column('good')), sentence('types')).toBe('boolean');
    });

    it('have values prepared by the driver', () => {
      const column = typeOrm.dataSource.getMetadata(Thing).findColumnWithPropertyName('good')!;
      const { driver } = typeOrm.dataSource;
      const sentence =
        "TypeORM's driver no longer prepares values so: see values() and hydrate() in prepared-statements.ts";
      expect(driver.preparePersistentValue(true, column), sentence).toBe(isSqlite ? 1 : true);
      expect(driver.prepareHydratedValue(isSqlite ? 0 : false, column), sentence).toBe(false);
      expect(driver.preparePersistentValue(null, column), sentence).toBeNull();
      expect(driver.escape('a'), sentence).toBe('"a"');
    });
  });

  it('migrates in the transaction that is open already', async () => {
    const { runner, said } = typeOrm.watched();
    const executor = new MigrationExecutor(typeOrm.dataSource, runner);
    executor.transaction = 'all';
    const sentence =
      "TypeORM's MigrationExecutor no longer leaves a transaction that is open to us: see migrate.ts";
    await runner.startTransaction();
    expect(await executor.getExecutedMigrations(), sentence).toEqual([]);
    await executor.executePendingMigrations();
    expect(
      (await executor.getExecutedMigrations()).map(({ name }) => name),
      sentence,
    ).toEqual(['First1000000000001']);
    await executor.undoLastMigration();
    expect(
      said.filter((sql) => /^(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/.test(sql)),
      sentence,
    ).toHaveLength(1);
    expect(said, 'TypeORM no longer runs migrations on the query runner that it was given').toContain(
      'SELECT 1',
    );
    await runner.rollbackTransaction();
    await runner.release();
    expect(
      typeOrm.dataSource.migrations[0]?.constructor.name,
      'DataSource.migrations of TypeORM has changed',
    ).toBe('First1000000000001');
  });
});

describe('what is relied on in the driver of SQLite', () => {
  const typeOrm = useTypeOrm('sqlite');
  const driverOf = (source: DataSource) => source.driver as BetterSqlite3Driver;

  it('has its connection as databaseConnection, which createDatabaseConnection makes and disconnect closes', async () => {
    let made: Database | undefined;
    class Own extends BetterSqlite3Driver {
      protected override async createDatabaseConnection(): Promise<Database> {
        return (made = (await super.createDatabaseConnection()) as Database);
      }
    }
    const own = new DataSource(typeOrm.options);
    setDriver(own, new Own(own));
    await own.initialize();
    expect(
      made,
      "TypeORM's driver no longer connects by createDatabaseConnection(): see sqlite/driver.ts",
    ).toBeDefined();
    expect(
      connectionOf(own),
      "TypeORM's driver no longer keeps its connection as databaseConnection: see connectionOf() in typeorm-internals.ts",
    ).toBe(made);
    await own.destroy();
    expect(made?.open, "TypeORM's driver no longer closes its connection: see sqlite/driver.ts").toBe(false);
  });

  it('takes from its options how it connects, at that time', async () => {
    class Own extends BetterSqlite3Driver {
      async reader(): Promise<Database> {
        Object.assign(this, { options: { ...this.options, readonly: true, fileMustExist: true } });
        return (await this.createDatabaseConnection()) as Database;
      }
    }
    const own = new DataSource(typeOrm.options);
    const reader = await new Own(own).reader();
    expect(
      reader.readonly,
      "TypeORM's driver no longer takes readonly from its options when it connects: see openReader() in sqlite/driver.ts",
    ).toBe(true);
    reader.close();
  });

  it('knows the files that are attached, and makes folders', () => {
    const driver = driverOf(typeOrm.dataSource);
    expect(
      driver.attachedDatabases,
      "TypeORM's driver has no attachedDatabases: see sqlite/driver.ts",
    ).toEqual({});
    expect(driver, "TypeORM's driver has no createDatabaseDirectory(): see sqlite/driver.ts").toHaveProperty(
      'createDatabaseDirectory',
      expect.any(Function),
    );
  });

  it('has query runners that ask for the connection and prepare anew for each statement, without a cache', async () => {
    const prepared: string[] = [];
    const connection = connectionOf(typeOrm.dataSource);
    class Own extends BetterSqlite3QueryRunner {
      connected = 0;
      override async connect(): Promise<unknown> {
        this.connected += 1;
        return Object.create(connection, {
          prepare: {
            value: (sql: string) => {
              prepared.push(sql);
              return connection.prepare(sql);
            },
          },
        });
      }
    }
    const runner = new Own(driverOf(typeOrm.dataSource));
    withoutStatementCache(runner);
    for (let n = 0; n < 3; n += 1) await runner.query('SELECT 1');
    const sentence =
      "TypeORM's query runner of SQLite no longer calls connect() and prepare() for each statement when its cacheSize is 0: " +
      'see withoutStatementCache() in typeorm-internals.ts and sqlite/query-runner.ts';
    expect(prepared, sentence).toEqual(['SELECT 1', 'SELECT 1', 'SELECT 1']);
    expect(runner.connected, sentence).toBe(3);
    await runner.beforeMigration();
    await runner.afterMigration();
    expect(
      runner.connected,
      "TypeORM's query runner migrates without connect(): see sqlite/query-runner.ts",
    ).toBe(5);
  });

  it('answers rows, the last id, and how many rows were written', async () => {
    const { runner } = typeOrm.watched();
    const sentence = "TypeORM's query runner of SQLite answers otherwise: see sqlite/query-runner.ts";
    expect(await runner.query('SELECT 1 AS one'), sentence).toEqual([{ one: 1 }]);
    const id: unknown = await runner.query("INSERT INTO owner (name) VALUES ('x')");
    expect(await runner.query('SELECT max(id) AS id FROM owner'), sentence).toEqual([{ id }]);
    expect(await runner.query('DELETE FROM owner', [], true), sentence).toMatchObject({
      affected: expect.any(Number) as number,
    });
    await runner.release();
  });
});

describe('what is relied on in the driver of PostgreSQL', () => {
  const typeOrm = useTypeOrm('postgres');
  const driverOf = (source: DataSource) => source.driver as PostgresDriver;

  it('makes its pools by createPool, and hands what is extra on to pg', async () => {
    const asked: string[] = [];
    class Own extends PostgresDriver {
      protected override createPool(...[given, credentials]: Parameters<PostgresDriver['createPool']>) {
        asked.push('pool');
        return super.createPool({ ...given, extra: { max: 3, statement_timeout: 1_234 } }, credentials);
      }
    }
    const own = new DataSource(typeOrm.options);
    setDriver(own, new Own(own));
    await own.initialize();
    const sentence = "TypeORM's driver no longer makes its pool by createPool(): see postgres/driver.ts";
    expect(asked, sentence).toEqual(['pool']);
    const { master, slaves } = poolsOf(own.driver);
    expect(master, 'extra of TypeORM is no longer handed on to pg: see postgres/driver.ts').toHaveProperty(
      'options',
      expect.objectContaining({ max: 3, statement_timeout: 1_234 }),
    );
    expect(
      slaves,
      "TypeORM's driver no longer has its pools as master and slaves: see readThrough() in typeorm-internals.ts",
    ).toEqual([]);
    expect(
      master.options,
      "TypeORM's driver no longer connects by connectionString: see newClient() in postgres/driver.ts",
    ).toHaveProperty('connectionString', typeOrm.url);
    expect(
      driverOf(own).postgres,
      "TypeORM's driver no longer has the package pg as postgres: see newClient() in postgres/driver.ts",
    ).toHaveProperty('Client', expect.any(Function));
    await own.destroy();
  });

  it('reads on the slaves, where it is replicated, and writes on the master', async () => {
    class Own extends PostgresDriver {
      override async connect(): Promise<void> {
        await super.connect();
        readThrough(this, (await this.createPool(this.options, this.options)) as Pool);
      }
    }
    const own = new DataSource(typeOrm.options);
    const driver = new Own(own);
    setDriver(own, driver);
    await own.initialize();
    const { slaves } = poolsOf(own.driver);
    const ofMaster = vi.spyOn(driver, 'obtainMasterConnection');
    const ofSlave = vi.spyOn(driver, 'obtainSlaveConnection');
    const connect = vi.spyOn(slaves[0]!, 'connect');
    await own.manager.find(Owner);
    expect(
      [ofMaster.mock.calls.length, ofSlave.mock.calls.length, connect.mock.calls.length],
      'TypeORM no longer reads by obtainSlaveConnection() where isReplicated is set: see postgres/driver.ts',
    ).toEqual([0, 1, 1]);
    await own.query('SELECT 1');
    await own.manager.insert(Owner, { name: 'x' });
    expect(
      [ofMaster.mock.calls.length, ofSlave.mock.calls.length],
      'TypeORM no longer writes by obtainMasterConnection(): see postgres/driver.ts',
    ).toEqual([2, 1]);
    await own.destroy();
    expect(
      (slaves[0] as Pool).ended,
      "TypeORM's driver no longer closes its slaves: see disconnect() in postgres/driver.ts",
    ).toBe(true);
  });

  it('has query runners that keep one connection, and give it back or drop it', async () => {
    const { master } = poolsOf(typeOrm.dataSource.driver);
    const runner = new PostgresQueryRunner(driverOf(typeOrm.dataSource), 'master');
    const sentence =
      "TypeORM's query runner no longer has its connection as databaseConnection: see clientOf() in typeorm-internals.ts";
    expect(clientOf(runner), sentence).toBeUndefined();
    const client: unknown = await runner.connect();
    expect(clientOf(runner), sentence).toBe(client);
    expect(await runner.connect(), sentence).toBe(client);
    const idle = master.idleCount;
    await PostgresQueryRunner.prototype.release.call(runner);
    expect(
      [runner.isReleased, master.idleCount],
      "TypeORM's release() no longer gives the connection back: see giveBack() in postgres/query-runner.ts",
    ).toEqual([true, idle + 1]);

    const other = new PostgresQueryRunner(driverOf(typeOrm.dataSource), 'master');
    await other.connect();
    const { totalCount } = master;
    await dropConnection(other, new Error('broken'));
    expect(
      [other.isReleased, master.totalCount],
      "TypeORM's releasePostgresConnection(error) no longer drops the connection: see dropConnection() in typeorm-internals.ts",
    ).toEqual([true, totalCount - 1]);
    await other.release();
  });

  it('has query runners that lose their connection when it breaks', async () => {
    const runner = new PostgresQueryRunner(driverOf(typeOrm.dataSource), 'master');
    const client = (await runner.connect()) as { emit(event: string, error: Error): boolean };
    client.emit('error', new Error('broken'));
    expect(
      runner.isReleased,
      "TypeORM's query runner no longer hears of errors of its connection: see postgres/query-runner.ts",
    ).toBe(true);
  });

  it('has query runners that send a statement as text to their connection', async () => {
    const runner = new PostgresQueryRunner(driverOf(typeOrm.dataSource), 'master');
    const client = (await runner.connect()) as { query(...args: unknown[]): unknown };
    const query = vi.spyOn(client, 'query');
    expect(
      await runner.query('SELECT $1::int AS one', [1]),
      "TypeORM's query runner answers otherwise: see postgres/query-runner.ts",
    ).toEqual([{ one: 1 }]);
    expect(
      query.mock.calls,
      "TypeORM's query runner says more than its statement: see postgres/query-runner.ts",
    ).toEqual([['SELECT $1::int AS one', [1]]]);
    await runner.release();
  });
});

function poolsOf(driver: object): { readonly master: Pool; readonly slaves: Pool[] } {
  return driver as { master: Pool; slaves: Pool[] };
}
