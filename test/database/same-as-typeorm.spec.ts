import fc from 'fast-check';
import {
  AfterLoad,
  BeforeInsert,
  Column,
  DataSource,
  type DataSourceOptions,
  Entity,
  type EntityTarget,
  Generated,
  JoinColumn,
  ManyToOne,
  type ObjectLiteral,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  VersionColumn,
} from 'typeorm';
import { SessionDataSource } from '../../src/database/index.js';
import { createDatabase, type Engine, engines, type TestDatabase } from '../support/databases.js';
import { connectionTo } from './support.js';

/** One that is prepared in each of its forms. */
@Entity()
class Plain {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  text: string;

  @Column('text', { nullable: true })
  note: string | null;

  @Column('boolean')
  good: boolean;

  @Column('int', { nullable: true, unique: true })
  number: number | null;

  @Column('double precision', { nullable: true, name: 'in_part' })
  part: number | null;
}

class PlainOfMine extends Plain {}

/** One that the database fills in part. */
@Entity()
class Filled {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { default: 'a default' })
  text: string;

  @Column('int', { nullable: true, default: 7 })
  number: number | null;
}

/** One whose key is given. */
@Entity()
class Coded {
  @PrimaryColumn('varchar')
  code: string;

  @Column('int', { nullable: true })
  number: number | null;
}

/** One that has two keys. */
@Entity()
class Pair {
  @PrimaryColumn('int')
  one: number;

  @PrimaryColumn('varchar')
  two: string;

  @Column('boolean', { nullable: true })
  good: boolean | null;
}

/** One with columns that TypeORM writes and reads in a way of its own. */
@Entity()
class Special {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'varchar', transformer: { to: (value) => `<${value}>`, from: (value) => `${value}!` } })
  text: string;

  @Column('simple-json', { nullable: true })
  json: unknown;

  @Column('simple-array', { nullable: true })
  list: string[] | null;

  @Column('simple-enum', { enum: ['a', 'b'], nullable: true })
  kind: string | null;

  @Column('bigint', { nullable: true })
  big: string | null;

  @Column('decimal', { nullable: true, precision: 12, scale: 2 })
  exact: string | null;
}

/** One of which not all is read, and which does something when it is. */
@Entity()
class Hidden {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { select: false })
  text: string;

  @Column({ type: 'int', update: false, nullable: true })
  number: number | null;

  loaded?: boolean;

  @AfterLoad()
  load(): void {
    this.loaded = true;
  }

  @BeforeInsert()
  prepare(): void {
    this.text += ', prepared';
  }
}

/** One that knows how often it was written. */
@Entity()
class Versioned {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  text: string;

  @VersionColumn()
  version: number;
}

/** One that knows the key of another. */
@Entity()
class Related {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('int', { nullable: true })
  plainId: number | null;

  @ManyToOne(() => Plain, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'plainId' })
  plain: Plain;

  @RelationId(({ plain }: Related) => plain)
  again: number | null;
}

const ENTITIES = [Plain, Filled, Coded, Pair, Special, Hidden, Versioned, Related];

/** One that has a second column of the database's own, which only PostgreSQL can have. */
@Entity()
class Numbered {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('int')
  @Generated('increment')
  position: number;

  @Column('varchar')
  text: string;
}

type Values = Record<string, unknown>;

/** A call of a manager. What it is given is made anew for each, as it may be written to. */
interface Call {
  readonly method: 'insert' | 'insert many' | 'save' | 'save many' | 'update' | 'findOneBy' | 'upsert';
  readonly target: (typeof ENTITIES)[number];
  readonly rows: readonly Values[];
  readonly where: Values;
  /** The class of what is given: none, where those are plain objects. */
  readonly of?: new () => object;
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ä "quoted" \'too\'', '$1 ? :a', '1', '2.0', 'true', 'null', '\n'),
  fc.string({ maxLength: 5 }).filter((value) => !value.includes('\0')),
);
const int = fc.oneof(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const double = fc.oneof(
  int,
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value || 0),
);
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: value }, fc.constantFrom(null, undefined));

const VALUES = new Map<(typeof ENTITIES)[number], Record<string, fc.Arbitrary<unknown>>>([
  [
    Plain,
    {
      id: fc.integer({ min: 1, max: 5 }),
      text,
      note: maybe(text),
      good: fc.boolean(),
      number: maybe(int),
      part: maybe(double),
    },
  ],
  [Filled, { id: fc.integer({ min: 1, max: 5 }), text, number: maybe(int) }],
  [Coded, { code: text, number: maybe(int) }],
  [
    Special,
    {
      id: fc.integer({ min: 1, max: 5 }),
      text,
      json: maybe(fc.oneof(text, int, fc.boolean(), fc.record({ a: int }))),
      list: maybe(fc.array(fc.constantFrom('a', 'b'))),
      kind: maybe(fc.constantFrom('a', 'b', 'c')),
      big: maybe(int.map(String)),
      exact: maybe(int.map((value) => `${value % 1_000}.25`)),
    },
  ],
  [Hidden, { id: fc.integer({ min: 1, max: 5 }), text, number: maybe(int) }],
  [Versioned, { id: fc.integer({ min: 1, max: 5 }), text }],
  [Related, { id: fc.integer({ min: 1, max: 5 }), plainId: maybe(fc.integer({ min: 1, max: 3 })) }],
  [Pair, { one: fc.integer({ min: 1, max: 3 }), two: text, good: maybe(fc.boolean()) }],
]);

/** Rows of an entity: whole, or without some of the columns. */
const rowOf = (target: (typeof ENTITIES)[number]) => {
  const { id, ...values } = VALUES.get(target)!;
  const whole = fc.record(values);
  return fc.oneof(
    { weight: 3, arbitrary: whole },
    { weight: 1, arbitrary: fc.record({ ...values, ...(id ? { id } : {}) }) },
    { weight: 2, arbitrary: fc.record(values, { requiredKeys: [] }) },
  );
};

const call: fc.Arbitrary<Call> = fc.constantFrom(Plain, Plain, Filled, ...ENTITIES).chain((target) =>
  fc.record(
    {
      method: fc.constantFrom<Call['method']>(
        ...(['insert', 'insert many', 'save', 'save many', 'update', 'findOneBy', 'upsert'] as const),
      ),
      target: fc.constant(target),
      rows: fc.array(rowOf(target), { minLength: 1, maxLength: 3 }),
      where: fc.record(VALUES.get(target)!, { requiredKeys: [] }),
      of: fc.constantFrom<(new () => object)[]>(target, ...(target === Plain ? [PlainOfMine] : [])),
    },
    { requiredKeys: ['method', 'target', 'rows', 'where'] },
  ),
);

/** Values that are not of their columns. */
const scalar = fc.constantFrom(
  5,
  -1,
  1.5,
  2 ** 40,
  NaN,
  Infinity,
  true,
  false,
  '5',
  '1.5',
  'true',
  'x',
  '',
  null,
);
const columns = { text: scalar, note: scalar, good: scalar, number: scalar, part: scalar };
const wrongCall: fc.Arbitrary<Call> = fc.record({
  method: fc.constantFrom<Call['method']>('insert', 'save', 'update', 'findOneBy'),
  target: fc.constant(Plain),
  rows: fc.record(columns, { requiredKeys: [] }).map((row) => [{ text: '', good: true, ...row }]),
  where: fc.record(columns, { requiredKeys: [] }),
});

/** What came of a call: its answer or its error, and what the objects look like that it was given. */
async function outcomeOf(
  dataSource: DataSource,
  { method, target, rows, where, of }: Call,
): Promise<unknown> {
  const given = rows.map((row) => {
    const one: Values = Object.assign(of ? new of() : {}, row);
    // Where many are given with ids, TypeORM takes on SQLite the ids for such that follow each other, and spoils them.
    if (method === 'insert many') delete one.id;
    return one;
  });
  const [first] = given;
  const { manager } = dataSource;
  const entity = target as EntityTarget<ObjectLiteral>;
  const keys = dataSource.getMetadata(entity).primaryColumns.map(({ propertyName }) => propertyName);
  const calls: Record<Call['method'], () => Promise<object | null>> = {
    insert: () => manager.insert(entity, first!),
    'insert many': () => manager.insert(entity, given),
    save: () => manager.save(entity, first!),
    'save many': () => manager.save(entity, given),
    update: () => manager.update(entity, { ...where }, first!),
    findOneBy: () => manager.findOneBy(entity, { ...where }),
    upsert: () => manager.upsert(entity, first!, keys),
  };
  const answer = await calls[method]().then(
    (value) =>
      // What else is in the result of an insert is what the database has answered to TypeORM's statement.
      value instanceof Object && 'identifiers' in value
        ? { identifiers: value.identifiers }
        : {
            value,
            kind: value?.constructor.name,
            // The same objects come back, not others like them.
            same: [value].flat().map((each) => given.findIndex((one) => one === each)),
          },
    (error: Error) => ({
      error: error.constructor.name,
      code: (error as { code?: string }).code,
      message: error.message.replace(/SQLITE_\w+: /, ''),
    }),
  );
  return { answer, given, kinds: given.map((each) => each.constructor.name) };
}

async function openBoth(engine: Engine) {
  const databases: TestDatabase[] = [];
  const optionsOf = async (): Promise<DataSourceOptions> => {
    const rest = { entities: ENTITIES, synchronize: true };
    if (engine === 'sqlite') return { type: 'better-sqlite3', database: ':memory:', ...rest };
    databases.push(await createDatabase(engine));
    return { ...connectionTo(engine, databases.at(-1)!.url), ...rest };
  };
  const stock = await new DataSource(await optionsOf()).initialize();
  const session = await new SessionDataSource(await optionsOf()).initialize();
  return {
    stock,
    session,
    close: async () => {
      await Promise.all([stock.destroy(), session.destroy()]);
      await Promise.all(databases.map((database) => database.drop()));
    },
  };
}

describe.each(engines)('a manager and TypeORM’s own do the same on %s', (engine) => {
  let both: Awaited<ReturnType<typeof openBoth>>;
  beforeAll(async () => (both = await openBoth(engine)));
  afterAll(() => both.close());

  /** All rows, read past what is tested. */
  const tables = (dataSource: DataSource) =>
    Promise.all(
      ENTITIES.map((entity) => {
        const { tableName, primaryColumns } = dataSource.getMetadata(entity);
        const order = primaryColumns.map(({ databaseName }) => `"${databaseName}"`).join();
        return dataSource.query<Values[]>(`SELECT * FROM "${tableName}" ORDER BY ${order}`);
      }),
    );
  const keysOf = (target: (typeof ENTITIES)[number], row: Values): Values =>
    Object.fromEntries(
      both.stock
        .getMetadata(target)
        .primaryColumns.map(({ propertyName, databaseName }) => [propertyName, row[databaseName]]),
    );
  const empty = async (dataSource: DataSource) => {
    if (engine === 'postgres') {
      const names = ENTITIES.map((entity) => `"${dataSource.getMetadata(entity).tableName}"`).join();
      await dataSource.query(`TRUNCATE ${names} RESTART IDENTITY`);
      return;
    }
    for (const entity of ENTITIES)
      await dataSource.query(`DELETE FROM "${dataSource.getMetadata(entity).tableName}"`);
    await dataSource.query('DELETE FROM sqlite_sequence');
  };

  it.each([
    ['', call],
    [', also for values that are not of their columns', wrongCall],
  ])('answer alike, leave the same rows, and the same in what they were given%s', async (_, calls) => {
    const { stock, session } = both;
    const property = fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 5 }), async (all) => {
      await Promise.all([empty(stock), empty(session)]);
      for (const each of all) {
        expect(await outcomeOf(session, each)).toEqual(await outcomeOf(stock, each));
      }
      const rows = await tables(stock);
      expect(await tables(session)).toEqual(rows);
      for (const [n, target] of ENTITIES.entries()) {
        for (const row of rows[n]!) {
          const read: Call = { method: 'findOneBy', target, rows: [], where: keysOf(target, row) };
          expect(await outcomeOf(session, read)).toEqual(await outcomeOf(stock, read));
        }
      }
    });
    await fc.assert(property, { numRuns: engine === 'sqlite' ? 300 : 60 });
  });
});

it('a manager tells what PostgreSQL has given beside the key, as TypeORM’s own does', async () => {
  const database = await createDatabase('postgres');
  const dataSource = await new SessionDataSource({
    ...connectionTo('postgres', database.url),
    entities: [Numbered],
    synchronize: true,
  }).initialize();
  try {
    const [inserted, saved] = [{ text: 'a' }, { text: 'b' }];
    await dataSource.manager.insert(Numbered, inserted);
    await dataSource.manager.save(Numbered, saved);
    expect([inserted, saved]).toEqual([
      { id: 1, position: 1, text: 'a' },
      { id: 2, position: 2, text: 'b' },
    ]);
  } finally {
    await dataSource.destroy();
    await database.drop();
  }
});
