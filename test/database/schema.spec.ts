import {
  Column,
  Entity,
  type MigrationInterface,
  PrimaryGeneratedColumn,
  type QueryRunner,
  Table,
  TableColumn,
  TableForeignKey,
} from 'typeorm';
import { createDatabase, engines, type TestDatabase } from '../support/databases.js';
import { Note, openDataSource, textsIn } from './support.js';

@Entity('thing')
class Thing {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  name: string;
}

@Entity('thing')
class LargerThing extends Thing {
  @Column('int', { default: 7 })
  size: number;
}

const id = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};

class CreateThings1000000000000 implements MigrationInterface {
  name = 'CreateThings1000000000000';

  async up(runner: QueryRunner): Promise<void> {
    const name = { name: 'name', type: 'varchar' };
    await runner.createTable(new Table({ name: 'thing', columns: [id as never, name] }));
    const columns = [id as never, { name: 'thing_id', type: 'integer' }];
    await runner.createTable(new Table({ name: 'part', columns }));
    await runner.createForeignKey(
      'part',
      new TableForeignKey({
        columnNames: ['thing_id'],
        referencedTableName: 'thing',
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      }),
    );
    await runner.query("INSERT INTO thing (name) VALUES ('first')");
    await runner.query('INSERT INTO part (thing_id) VALUES (1)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('part');
    await runner.dropTable('thing');
  }
}

/** SQLite makes the table anew for it: its parts would be deleted with it. */
class AddSize1000000000001 implements MigrationInterface {
  name = 'AddSize1000000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('thing', new TableColumn({ name: 'size', type: 'int', default: 7 }));
    await runner.manager.insert(LargerThing, { name: 'second', size: 8 });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('thing', 'size');
  }
}

class Fail1000000000002 implements MigrationInterface {
  name = 'Fail1000000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("INSERT INTO thing (name) VALUES ('undone')");
    await runner.addColumn('thing', new TableColumn({ name: 'colour', type: 'varchar', isNullable: true }));
    throw new Error('the migration fails');
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe.each(engines)('the schema of a data source on %s', (engine) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(engine);
  });
  afterEach(() => database.drop());

  const open = (options: Parameters<typeof openDataSource>[1]) =>
    openDataSource(engine, { database, ...options });
  const migrated = (...migrations: (new () => MigrationInterface)[]) =>
    open({ entities: [LargerThing], synchronize: false, migrations });
  const columnsOf = async (runner: QueryRunner, table: string) =>
    (await runner.getTable(table))?.columns.map(({ name }) => name);

  it('is brought up to the entities by synchronize, and keeps its rows', async () => {
    const before = await open({ entities: [Thing] });
    await before.dataSource.getRepository(Thing).insert([{ name: 'a' }, { name: 'b' }]);
    await before.close();
    const after = await open({ entities: [LargerThing], synchronize: false });
    const things = after.dataSource.getRepository(LargerThing);
    await expect(things.find()).rejects.toThrow(/size/);
    await after.dataSource.synchronize();
    expect(await things.find({ order: { id: 'ASC' } })).toEqual([
      { id: 1, name: 'a', size: 7 },
      { id: 2, name: 'b', size: 7 },
    ]);
    await things.insert({ name: 'c', size: 1 });
    expect(await things.sum('size')).toBe(15);
    await after.dataSource.synchronize(true);
    expect(await things.count()).toBe(0);
    await after.close();
  });

  it('is dropped, and made again', async () => {
    const { dataSource, close } = await open({});
    await dataSource.manager.insert(Note, { text: 'one' });
    await dataSource.dropDatabase();
    await expect(dataSource.manager.count(Note)).rejects.toThrow(/note/);
    await dataSource.synchronize();
    await dataSource.transaction((manager) => manager.insert(Note, { text: 'two' }));
    expect(await textsIn(dataSource)).toEqual(['two']);
    await close();
  });

  it('is migrated, step by step, and back', async () => {
    const { dataSource, close } = await migrated(CreateThings1000000000000, AddSize1000000000001);
    expect(await dataSource.showMigrations()).toBe(true);
    const done = await dataSource.runMigrations();
    expect(done.map(({ name }) => name)).toEqual(['CreateThings1000000000000', 'AddSize1000000000001']);
    expect(await dataSource.showMigrations()).toBe(false);
    expect(await dataSource.runMigrations()).toEqual([]);

    const things = dataSource.getRepository(LargerThing);
    expect(await things.find({ select: { name: true, size: true }, order: { id: 'ASC' } })).toEqual([
      { name: 'first', size: 7 },
      { name: 'second', size: 8 },
    ]);
    expect(await dataSource.query('SELECT thing_id FROM part')).toEqual([{ thing_id: 1 }]);
    // Foreign keys are minded again.
    await expect(dataSource.query('INSERT INTO part (thing_id) VALUES (99)')).rejects.toThrow(/foreign key/i);
    await dataSource.transaction(() => things.insert({ name: 'third', size: 9 }));
    expect(await things.count()).toBe(3);

    await dataSource.undoLastMigration();
    const runner = dataSource.createQueryRunner();
    expect(await columnsOf(runner, 'thing')).toEqual(['id', 'name']);
    await dataSource.undoLastMigration();
    expect(await runner.hasTable('thing')).toBe(false);
    await runner.release();
    await close();
  });

  it('is as it was after a migration that fails', async () => {
    const first = await migrated(CreateThings1000000000000);
    await first.dataSource.runMigrations();
    await first.close();
    const { dataSource, close } = await migrated(
      CreateThings1000000000000,
      AddSize1000000000001,
      Fail1000000000002,
    );
    await expect(dataSource.runMigrations({ transaction: 'all' })).rejects.toThrow('the migration fails');
    const runner = dataSource.createQueryRunner();
    expect(await columnsOf(runner, 'thing')).toEqual(['id', 'name']);
    await runner.release();
    expect(await dataSource.query('SELECT name FROM thing')).toEqual([{ name: 'first' }]);
    expect(await dataSource.query('SELECT thing_id FROM part')).toEqual([{ thing_id: 1 }]);
    // Nobody is kept waiting by it.
    await dataSource.query("INSERT INTO thing (name) VALUES ('next')");
    await dataSource.transaction((manager) => manager.query("INSERT INTO thing (name) VALUES ('and next')"));
    expect(await dataSource.query('SELECT count(*) AS count FROM thing')).toEqual([
      { count: engine === 'sqlite' ? 3 : '3' },
    ]);
    await close();
  });

  it('is migrated when the data source is opened, where that is asked for', async () => {
    const { dataSource, close } = await open({
      entities: [LargerThing],
      synchronize: false,
      migrationsRun: true,
      migrations: [CreateThings1000000000000, AddSize1000000000001],
    });
    expect(await dataSource.manager.count(LargerThing)).toBe(2);
    await close();
  });
});
