import {
  Column,
  type ColumnOptions,
  type DataSourceOptions,
  Entity,
  type EntitySubscriberInterface,
  EventSubscriber,
  InsertResult,
  type ObjectLiteral,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { SessionDataSource } from '../session-data-source.js';
import { CompiledStatement } from './compiled-statement.js';

@Entity()
class Note {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  text: string;

  @Column('boolean')
  good: boolean;

  @Column('int', { nullable: true, name: 'the_number' })
  number: number | null;
}

class NoteOfMine extends Note {}

@Entity()
class Filled {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { default: 'a default' })
  text: string;

  @Column('int', { nullable: true })
  number: number | null;
}

@Entity()
class Coded {
  @PrimaryColumn('varchar')
  code: string;

  @Column('int')
  number: number;
}

@Entity()
class Pair {
  @PrimaryColumn('int')
  one: number;

  @PrimaryColumn('int')
  two: number;
}

@Entity()
class Listened {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { select: false })
  secret: string;
}

@EventSubscriber()
class Subscriber implements EntitySubscriberInterface {}

const whole = () => ({ text: 'one', good: true, number: 1 });

describe('PreparedStatements', () => {
  let dataSource: SessionDataSource;
  const open = async (options: Partial<DataSourceOptions> = {}, others: (new () => object)[] = []) => {
    dataSource = await new SessionDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [Note, Filled, Coded, Pair, Listened, ...others],
      synchronize: true,
      ...options,
    } as DataSourceOptions).initialize();
  };
  beforeEach(() => open());
  afterEach(() => dataSource.destroy());

  const of = <T extends ObjectLiteral>(entity: new () => T) => dataSource.statementsOf<T>(entity)!;
  const insert = (entity: new () => object, ...rows: ObjectLiteral[]) =>
    of(entity).insert(dataSource.manager, rows);
  const save = (entity: new () => object, row: object) => of(entity).insertNew(dataSource.manager, row);
  const update = (where: ObjectLiteral, set: ObjectLiteral, entity: new () => object = Note) =>
    of(entity).update(dataSource.manager, where, set);
  const find = (where: ObjectLiteral, entity: new () => object = Note) =>
    of(entity).findOne(dataSource.manager, where);
  const rows = () => dataSource.query('SELECT * FROM note ORDER BY id');

  describe('insert', () => {
    it('inserts rows that have the same columns, tells their ids, and writes them into the rows', async () => {
      const [one, two] = [whole(), { number: null, good: false, text: 'two' }];
      const result = await insert(Note, one, two);
      expect(result?.identifiers).toEqual([{ id: 1 }, { id: 2 }]);
      expect([one, two]).toMatchObject([
        { id: 1, text: 'one' },
        { id: 2, text: 'two' },
      ]);
      expect(await rows()).toEqual([
        { id: 1, text: 'one', good: 1, the_number: 1 },
        { id: 2, text: 'two', good: 0, the_number: null },
      ]);
    });

    it('takes rows without what may be null, with an id of their own, and objects of any class', async () => {
      await insert(Note, { text: 'a', good: true });
      await insert(Note, { ...whole(), id: 7 });
      await insert(Note, Object.assign(new NoteOfMine(), whole()));
      expect((await rows()) as unknown).toMatchObject([{ id: 1, the_number: null }, { id: 7 }, { id: 8 }]);
    });

    it('answers what TypeORM answers', async () => {
      const result = await insert(Note, whole());
      expect(result).toBeInstanceOf(InsertResult);
      expect(result).toEqual({ identifiers: [{ id: 1 }], generatedMaps: [{ id: 1 }], raw: 1 });
    });

    it.each<[string, new () => object, ObjectLiteral[]]>([
      ['no rows', Note, []],
      ['a row without columns', Note, [{}]],
      ['rows with different columns', Note, [whole(), { text: 'two', good: true }]],
      [
        'rows with different columns, as many',
        Note,
        [
          { text: 'a', good: true },
          { text: 'b', number: 1 },
        ],
      ],
      ['what is no column', Note, [{ ...whole(), other: 1 }]],
      ['what is no column, in a later row', Note, [whole(), { ...whole(), other: 1 }]],
      ['an undefined member', Note, [{ ...whole(), number: undefined }]],
      ['an undefined member in a later row', Note, [whole(), { ...whole(), number: undefined }]],
      ['an undefined id', Note, [{ ...whole(), id: undefined }]],
      ['SQL as a value', Note, [{ ...whole(), text: () => 'lower(1)' }]],
      ['a date', Note, [{ ...whole(), text: new Date() }]],
      ['an object', Note, [{ ...whole(), text: { a: 1 } }]],
      ['what the database fills', Filled, [{ number: 1 }]],
      ['what the database could fill', Filled, [{ text: 'given', number: 1 }]],
      ['one whose key is given', Coded, [{ code: 'x', number: 1 }]],
      ['one of two keys', Pair, [{ one: 1, two: 2 }]],
      ['an entity that is not plain', Listened, [{ secret: 'x' }]],
    ])('leaves to TypeORM %s', (_, entity, values) => {
      expect(insert(entity, ...values)).toBeUndefined();
    });
  });

  describe('insertNew', () => {
    it('inserts an entity that has all but the key, and returns the same', async () => {
      const entity = whole();
      expect(await save(Note, entity)).toBe(entity);
      expect(entity).toEqual({ ...whole(), id: 1 });
      const instance = Object.assign(new Note(), whole());
      expect(await save(Note, instance)).toBe(instance);
      expect(instance.id).toBe(2);
      expect(await rows()).toHaveLength(2);
    });

    it('takes an id that is not there for one that is to be given', async () => {
      const entity = { ...whole(), id: undefined };
      await save(Note, entity);
      expect(entity.id).toBe(1);
    });

    it.each<[string, new () => object, object]>([
      ['an entity that has its key', Note, { ...whole(), id: 1 }],
      ['one whose key is null', Note, { ...whole(), id: null }],
      ['one that lacks a column', Note, { text: 'a', good: true }],
      ['one with an undefined column', Note, { ...whole(), number: undefined }],
      ['one with more members', Note, { ...whole(), other: 1 }],
      ['one of a subclass', Note, Object.assign(new NoteOfMine(), whole())],
      ['one of another class', Note, Object.assign(new Coded(), whole())],
      ['one without a class', Note, Object.assign(Object.create(null) as object, whole())],
      ['a list', Note, [whole()]],
      ['one whose key is given', Coded, { code: 'x', number: 1 }],
      ['one of two keys', Pair, { one: 1, two: 2 }],
      ['one that is not plain', Listened, { secret: 'x' }],
    ])('leaves to TypeORM %s', (_, entity, value) => {
      expect(save(entity, value)).toBeUndefined();
    });
  });

  describe('update', () => {
    beforeEach(() => insert(Note, whole(), { text: 'two', good: false, number: 2 }));

    it('sets values where others are, and tells how many rows there were', async () => {
      expect(await update({ id: 1, good: true }, { text: 'new', number: null })).toBe(1);
      expect(await update({ id: 1, good: false }, { text: 'no' })).toBe(0);
      expect(await update({ text: 'two' }, { text: 'too', good: true })).toBe(1);
      expect(await rows()).toEqual([
        { id: 1, text: 'new', good: 1, the_number: null },
        { id: 2, text: 'too', good: 1, the_number: 2 },
      ]);
    });

    it.each<[string, ObjectLiteral, ObjectLiteral]>([
      ['no condition', {}, { text: 'x' }],
      ['nothing to set', { id: 1 }, {}],
      ['a condition that is null', { number: null }, { text: 'x' }],
      ['a condition that is undefined', { number: undefined }, { text: 'x' }],
      ['a list as a condition', { id: [1, 2] }, { text: 'x' }],
      ['a condition that is no column', { other: 1 }, { text: 'x' }],
      ['an undefined value', { id: 1 }, { text: undefined }],
      ['SQL as a value', { id: 1 }, { text: () => 'lower(text)' }],
      ['what is no column', { id: 1 }, { other: 1 }],
    ])('leaves to TypeORM %s', (_, where, set) => {
      expect(update(where, set)).toBeUndefined();
    });
  });

  describe('findOne', () => {
    beforeEach(() => insert(Note, whole(), { text: 'two', good: false, number: null }));

    it('finds an entity by its values, or none', async () => {
      const found = await find({ good: false, text: 'two' });
      expect(found).toBeInstanceOf(Note);
      expect(found).toEqual({ id: 2, text: 'two', good: false, number: null });
      expect(await find({ good: true, text: 'two' })).toBeNull();
    });

    it.each<[string, ObjectLiteral]>([
      ['no condition', {}],
      ['null', { number: null }],
      ['undefined', { number: undefined }],
      ['a list', { id: [1] }],
      ['what is no column', { other: 1 }],
    ])('leaves to TypeORM %s', (_, where) => {
      expect(find(where)).toBeUndefined();
    });
  });

  it('compiles a statement once for each set of columns', async () => {
    const used: CompiledStatement[] = [];
    const rowsOfEach = CompiledStatement.prototype.rowsOfEach;
    const spy = vi.spyOn(CompiledStatement.prototype, 'rowsOfEach').mockImplementation(function watch(
      this: CompiledStatement,
      ...args
    ) {
      used.push(this);
      return rowsOfEach.apply(this, args);
    });
    await insert(Note, whole());
    await insert(Note, { ...whole(), text: 'two' }, { ...whole(), text: 'three' });
    await update({ id: 1 }, { text: 'a' });
    await update({ id: 2 }, { text: 'b' });
    await find({ id: 1 });
    await find({ id: 2 });
    await find({ text: 'a' });
    // The same columns, but others of them are set.
    await update({ id: 2, text: 'b' }, { number: 7 });
    await update({ text: 'b' }, { number: 8, id: 9 });
    spy.mockRestore();
    expect(used.map((statement) => used.indexOf(statement))).toEqual([0, 0, 2, 2, 4, 4, 6, 7, 8]);
    expect(await find({ id: 9 })).toMatchObject({ text: 'b', number: 8 });
  });

  it.each<[string, ColumnOptions, unknown]>([
    ['text', { type: 'text' }, 'x'],
    ['varchar', { type: 'varchar', length: 9 }, 'x'],
    ['int', { type: 'int' }, 1],
    ['integer', { type: 'integer' }, 1],
    ['smallint', { type: 'smallint' }, 1],
    ['int8', { type: 'int8' }, 2 ** 40],
    ['boolean', { type: 'boolean' }, true],
    ['real', { type: 'real' }, 1.5],
    ['double precision', { type: 'double precision' }, 1.5],
    ['String', { type: String }, 'x'],
    ['Number', { type: Number }, 1],
    ['Boolean', { type: Boolean }, false],
  ])('takes a value of a column of the type %s', async (_, options, value) => {
    const Own = entityWith(options);
    await dataSource.destroy();
    await open({}, [Own]);
    await insert(Own, { value });
    expect(await find({ value }, Own)).toEqual({ id: 1, value });
    expect(await update({ value }, { value: null }, Own)).toBe(1);
  });

  it.each<[string, ObjectLiteral]>([
    ['a number in a text', { text: 5 }],
    ['a boolean in a text', { text: true }],
    ['a text in a number', { number: '5' }],
    ['a boolean in a number', { number: true }],
    ['a number in a boolean', { good: 5 }],
    ['a text in a boolean', { good: 'false' }],
    ['a number that is none', { number: NaN }],
    ['a number without end', { number: Infinity }],
  ])('leaves to TypeORM %s, of which the driver would make something else', (_, values) => {
    expect(insert(Note, { ...whole(), ...values })).toBeUndefined();
    expect(save(Note, { ...whole(), ...values })).toBeUndefined();
    expect(update({ id: 1 }, values)).toBeUndefined();
    expect(update(values, { text: 'x' })).toBeUndefined();
    expect(find(values)).toBeUndefined();
  });

  it.each<[string, ColumnOptions, unknown]>([
    ['a date', { type: 'datetime' }, '2020-01-01'],
    ['a day', { type: 'date' }, '2020-01-01'],
    ['a time', { type: 'time' }, '01:02:03'],
    ['a bigint', { type: 'bigint' }, 1],
    ['a decimal', { type: 'decimal' }, 1],
    ['a blob', { type: 'blob' }, 'x'],
    ['JSON', { type: 'simple-json' }, { a: 1 }],
    ['a list as text', { type: 'simple-array' }, ['x']],
    ['an enum as text', { type: 'simple-enum', enum: ['x', 'y'] }, 'x'],
    ['an enum', { type: 'varchar', enum: ['x', 'y'] }, 'x'],
    ['what is transformed', { type: 'varchar', transformer: { to: String, from: String } }, 'x'],
  ])('leaves to TypeORM a column of %s, and takes the others', async (_, options, value) => {
    const Own = entityWith(options);
    await dataSource.destroy();
    await open({}, [Own]);
    expect(insert(Own, { value })).toBeUndefined();
    expect(save(Own, { value })).toBeUndefined();
    expect(find({ id: 1, value }, Own)).toBeUndefined();
    expect(update({ id: 1 }, { value }, Own)).toBeUndefined();
    expect(await find({ id: 1 }, Own)).toBeNull();
  });

  it.each<[string, Partial<DataSourceOptions>]>([
    ['subscribers', { subscribers: [Subscriber] }],
    ['a log of queries', { logging: ['query'], logger: { ...silent(), logQuery: vi.fn<() => void>() } }],
    ['a log of slow queries', { maxQueryExecutionTime: 60_000 }],
  ])('leaves all to TypeORM where there are %s', async (_, options) => {
    await dataSource.destroy();
    await open(options);
    expect(insert(Note, whole())).toBeUndefined();
    expect(save(Note, whole())).toBeUndefined();
    expect(update({ id: 1 }, { text: 'x' })).toBeUndefined();
    expect(find({ id: 1 })).toBeUndefined();
    await dataSource.manager.save(Note, whole());
    expect(await rows()).toHaveLength(1);
  });

  describe('behind a manager', () => {
    const spies = () => {
      const statements = of(Note);
      return {
        insert: vi.spyOn(statements, 'insert'),
        save: vi.spyOn(statements, 'insertNew'),
        update: vi.spyOn(statements, 'update'),
        find: vi.spyOn(statements, 'findOne'),
      };
    };
    const taken = ({ mock }: { mock: { results: { value: unknown }[] } }) =>
      mock.results.map(({ value }) => value !== undefined);

    it('run what a repository is asked, and answer as TypeORM does', async () => {
      const { insert: inserts, save: saves, update: updates, find: finds } = spies();
      const notes = dataSource.getRepository(Note);
      const made = await notes.insert(whole());
      expect(made.identifiers).toEqual([{ id: 1 }]);
      const saved = notes.create(whole());
      expect(await notes.save(saved)).toBe(saved);
      expect(await notes.update({ id: 1 }, { text: 'x' })).toEqual({
        affected: 1,
        raw: [],
        generatedMaps: [],
      });
      expect(await notes.findOneBy({ id: 1 })).toEqual({ ...whole(), id: 1, text: 'x' });
      expect([inserts, saves, updates, finds].map(taken)).toEqual([[true], [true], [true], [true]]);
    });

    it('leave to TypeORM what they have no statement for', async () => {
      const { insert: inserts, save: saves, update: updates, find: finds } = spies();
      const { manager } = dataSource;
      expect(await manager.insert(Note, { ...whole(), number: undefined })).toBeInstanceOf(InsertResult);
      const saved = await manager.save(Note, { text: 'two', good: true });
      expect(saved).toEqual({ id: 2, text: 'two', good: true, number: null });
      await manager.update(Note, { id: 1, text: undefined }, { text: 'x' }).catch(() => undefined);
      await manager.findOneBy(Note, {});
      expect([inserts, saves, updates, finds].map(taken)).toEqual([[false], [false], [false], [false]]);
    });

    it('are not asked for what is more than one entity and its values', async () => {
      const { save: saves, update: updates, find: finds } = spies();
      const { manager } = dataSource;
      await manager.save(Note, [whole(), whole()]);
      await manager.save(Object.assign(new Note(), whole()));
      await manager.save(Note, whole(), { reload: false });
      await manager.update(Note, 1, { text: 'x' });
      await manager.update(Note, [1, 2], { text: 'x' });
      const returning = manager.update(Note, { id: 1 }, { text: 'y' }, { returning: ['id'] });
      await expect(returning).rejects.toThrow(/RETURNING/i);
      await manager.findOneBy(Note, [{ id: 1 }, { id: 2 }]);
      expect(saves.mock.results.filter(({ value }) => value !== undefined)).toEqual([]);
      expect([updates, finds].map(taken)).toEqual([[], []]);
      expect(((await rows()) as { text: string }[]).map(({ text }) => text).slice(0, 2)).toEqual(['x', 'x']);
    });

    it('say what TypeORM says of what is no entity', async () => {
      class Unknown {}
      expect(dataSource.statementsOf(Unknown)).toBeUndefined();
      await expect(dataSource.manager.insert(Unknown, {})).rejects.toThrow(Error);
      await expect(dataSource.manager.save(Unknown, {})).rejects.toThrow(/No metadata for "Unknown"/);
    });

    it('are in the transaction of their manager', async () => {
      const failing = dataSource.transaction(async (manager) => {
        await manager.insert(Note, whole());
        await manager.save(Note, whole());
        await manager.update(Note, { id: 1 }, { text: 'x' });
        expect(await manager.findOneBy(Note, { id: 1 })).toMatchObject({ text: 'x' });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await rows()).toEqual([]);
    });
  });
});

function entityWith(options: ColumnOptions): new () => object {
  class Own {}
  PrimaryGeneratedColumn()(Own.prototype, 'id');
  Column({ nullable: true, ...options })(Own.prototype, 'value');
  Entity()(Own);
  return Own;
}

function silent() {
  const log = () => undefined;
  return { logQueryError: log, logQuerySlow: log, logSchemaBuild: log, logMigration: log, log };
}
