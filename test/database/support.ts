import { setImmediate as nextTick } from 'node:timers/promises';
import { Column, type DataSource, Entity, type EntityManager, PrimaryGeneratedColumn } from 'typeorm';
import type { BetterSqlite3DataSourceOptions } from 'typeorm/driver/better-sqlite3/BetterSqlite3DataSourceOptions.js';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { SessionDataSource } from '../../src/database/index.js';
import { createDatabase, type Engine, type TestDatabase } from '../support/databases.js';

/** A short text of which no two rows have the same. */
@Entity()
export class Note {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { unique: true })
  text: string;
}

/** A number to be read, changed and written. */
@Entity()
export class Counter {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('int')
  value: number;
}

type Options = Partial<
  Pick<
    PostgresDataSourceOptions,
    | 'entities'
    | 'isolationLevel'
    | 'migrations'
    | 'migrationsRun'
    | 'poolSize'
    | 'subscribers'
    | 'synchronize'
  >
> & {
  readonly writeWaitMs?: number;
  readonly writeLimitMs?: number;
  /** A database that others use, too, and which is not dropped. */
  readonly database?: TestDatabase;
};

/** An open data source on a database of its own. */
export interface Opened {
  readonly dataSource: SessionDataSource;
  readonly url: string;
  /** Closes it and drops its database. */
  close(): Promise<void>;
}

/** The options of TypeORM that lead to a database. */
export function connectionTo(
  engine: Engine,
  url: string,
): BetterSqlite3DataSourceOptions | PostgresDataSourceOptions {
  return engine === 'sqlite'
    ? { type: 'better-sqlite3', database: url.slice('sqlite:'.length) }
    : { type: 'postgres', url };
}

export async function openDataSource(
  engine: Engine,
  { database: shared, ...options }: Options = {},
): Promise<Opened> {
  const database = shared ?? (await createDatabase(engine));
  const dataSource = new SessionDataSource({
    ...connectionTo(engine, database.url),
    entities: [Note, Counter],
    synchronize: true,
    ...options,
  } as ConstructorParameters<typeof SessionDataSource>[0]);
  await dataSource.initialize();
  return {
    dataSource,
    url: database.url,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      if (!shared) await database.drop();
    },
  };
}

/** A promise and the function that settles it, to hold one where the other is to overtake it. */
export function gate(): { passed: Promise<void>; open: () => void } {
  const { promise: passed, resolve: open } = Promise.withResolvers<void>();
  return { passed, open };
}

/** The texts of all notes, in the order of their ids. */
export async function textsIn(dataSource: DataSource): Promise<string[]> {
  const notes = await dataSource.getRepository(Note).find({ order: { id: 'ASC' } });
  return notes.map(({ text }) => text);
}

/** The error that a promise rejects with; undefined where it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

type Write = (dataSource: DataSource, manager: EntityManager, text: string) => Promise<unknown>;

/** The ways to write a note. The manager is the one given to the work of a transaction, or that of the data source. */
export const WRITES: Readonly<Record<string, Write>> = {
  'a save of a repository': ({ manager }, _, text) => manager.getRepository(Note).save({ text }),
  'an insert of a repository': (dataSource, _, text) => dataSource.getRepository(Note).insert({ text }),
  'an upsert of a repository': (dataSource, _, text) =>
    dataSource.getRepository(Note).upsert({ text }, ['text']),
  "an insert of the data source's manager": ({ manager }, _, text) => manager.insert(Note, { text }),
  'a save of the given manager': (_, manager, text) => manager.save(Note, { text }),
  'an insert of the given manager': (_, manager, text) => manager.insert(Note, { text }),
  "an insert of the given manager's repository": (_, manager, text) =>
    manager.getRepository(Note).insert({ text }),
  'an insert of a repository that the given manager takes in': (dataSource, manager, text) =>
    manager.withRepository(dataSource.getRepository(Note)).insert({ text }),
  'SQL of the data source': (dataSource, _, text) =>
    dataSource.query(`INSERT INTO note (text) VALUES ('${text}')`),
  'a tagged template of the data source': (dataSource, _, text) =>
    dataSource.sql`INSERT INTO note (text) VALUES (${text})`,
  'SQL of a repository': (dataSource, _, text) =>
    dataSource.getRepository(Note).query(`INSERT INTO note (text) VALUES ('${text}')`),
  'SQL of the given manager': (_, manager, text) =>
    manager.query(`INSERT INTO note (text) VALUES ('${text}')`),
  'SQL that returns rows': (dataSource, _, text) =>
    dataSource.query(`INSERT INTO note (text) VALUES ('${text}') RETURNING id`),
  'SQL that begins with WITH': (dataSource, _, text) =>
    dataSource.query(`WITH given(t) AS (SELECT '${text}') INSERT INTO note (text) SELECT t FROM given`),
  'SQL that begins with a comment': (dataSource, _, text) =>
    dataSource.query(`-- SELECT\n/* SELECT */ INSERT INTO note (text) VALUES ('${text}')`),
  'a query builder of the data source': (dataSource, _, text) =>
    dataSource.createQueryBuilder().insert().into(Note).values({ text }).execute(),
  'a query builder of a repository': (dataSource, _, text) =>
    dataSource.getRepository(Note).createQueryBuilder().insert().values({ text }).execute(),
  'a query builder of the given manager': (_, manager, text) =>
    manager.createQueryBuilder().insert().into(Note).values({ text }).execute(),
};

type Read = (dataSource: DataSource, manager: EntityManager) => Promise<number>;

const sqlCount = async (answer: Promise<{ count: number | string }[]>): Promise<number> =>
  Number((await answer)[0]?.count);

/** The ways to count the notes, as in WRITES. */
export const READS: Readonly<Record<string, Read>> = {
  'find of a repository': async (dataSource) => (await dataSource.getRepository(Note).find()).length,
  'find with a page': async (dataSource) =>
    (await dataSource.getRepository(Note).findAndCount({ take: 1, order: { id: 'ASC' } }))[1],
  "count of the data source's manager": ({ manager }) => manager.count(Note),
  'count of the given manager': (_, manager) => manager.count(Note),
  'a query builder of the data source': (dataSource) =>
    dataSource.createQueryBuilder(Note, 'note').getCount(),
  'a query builder of a repository': async (dataSource) =>
    (await dataSource.getRepository(Note).createQueryBuilder('note').getMany()).length,
  'SQL of the data source': (dataSource) => sqlCount(dataSource.query('SELECT count(*) AS count FROM note')),
  'SQL of the given manager': (_, manager) => sqlCount(manager.query('SELECT count(*) AS count FROM note')),
  'SQL that begins with WITH': (dataSource) =>
    sqlCount(dataSource.query('WITH n AS (SELECT count(*) AS count FROM note) SELECT count FROM n')),
  'SQL that begins with a comment': (dataSource) =>
    sqlCount(dataSource.query('-- INSERT\nSELECT count(*) AS count FROM note')),
};

/** Reads a few times, in several ticks of the event loop, so that what else has begun gets on. */
export async function readOften(manager: EntityManager): Promise<void> {
  for (let n = 0; n < 5; n += 1) {
    await manager.count(Note);
    await nextTick();
  }
}
