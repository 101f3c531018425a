import {
  Column,
  Entity,
  ManyToMany,
  ManyToOne,
  JoinTable,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
  type Repository,
} from 'typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { engines } from '../support/databases.js';
import { gate, type Opened, openDataSource } from './support.js';

@Entity()
class Label {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { unique: true })
  name: string;
}

@Entity()
class Box {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  name: string;

  @OneToMany('Thing', 'box', { cascade: true })
  things: Promise<Thing[]>;

  @ManyToMany(() => Label, { cascade: true })
  @JoinTable()
  labels: Promise<Label[]>;
}

@Entity()
class Thing {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar', { unique: true })
  name: string;

  @ManyToOne(() => Box, (box) => box.things, { onDelete: 'CASCADE' })
  box: Promise<Relation<Box>>;
}

describe.each(engines)('relations on %s', (engine) => {
  let opened: Opened;
  let dataSource: SessionDataSource;
  let boxes: Repository<Box>;
  let things: Repository<Thing>;
  let labels: Repository<Label>;

  beforeAll(async () => {
    opened = await openDataSource(engine, { entities: [Box, Thing, Label] });
    dataSource = opened.dataSource;
    boxes = dataSource.getRepository(Box);
    things = dataSource.getRepository(Thing);
    labels = dataSource.getRepository(Label);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await boxes.deleteAll();
    await labels.deleteAll();
  });

  const newBox = (name: string, parts: string[], marks: string[] = []) => {
    const box = boxes.create({ name });
    box.things = Promise.resolve(parts.map((part) => things.create({ name: part })));
    box.labels = Promise.resolve(marks.map((mark) => labels.create({ name: mark })));
    return box;
  };
  const newThing = (name: string, box: Box) => {
    const thing = things.create({ name });
    thing.box = Promise.resolve(box);
    return thing;
  };
  const names = (found: { name: string }[]) => found.map(({ name }) => name).toSorted();
  const counts = async () => [await boxes.count(), await things.count(), await labels.count()];

  it('are saved whole by a bare save with cascades, or not at all', async () => {
    await boxes.save(newBox('full', ['a', 'b'], ['red']));
    expect(await counts()).toEqual([1, 2, 1]);
    await expect(dataSource.manager.save(newBox('half', ['c', 'a'], ['blue']))).rejects.toThrow(/unique/i);
    await expect(boxes.save([newBox('x', ['d']), newBox('y', ['d'])])).rejects.toThrow(/unique/i);
    expect(await counts()).toEqual([1, 2, 1]);
  });

  it('of 100 saves with cascades at once are there where the save has not failed', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        boxes.save(newBox(`box ${n}`, [`${n} a`, n % 2 ? `${n} a` : `${n} b`], [`label ${n}`])),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(await counts()).toEqual([50, 100, 50]);
    expect(await things.countBy({ box: { name: 'box 42' } })).toBe(2);
  });

  it('are loaded lazily after their transaction', async () => {
    const box = await dataSource.transaction(async (manager) => {
      await manager.save(newBox('full', ['a', 'b'], ['red']));
      return boxes.findOneByOrFail({ name: 'full' });
    });
    expect(names(await box.things)).toEqual(['a', 'b']);
    expect(names(await box.labels)).toEqual(['red']);
    const [thing] = await box.things;
    expect((await (await things.findOneByOrFail({ id: thing!.id })).box).name).toBe('full');
  });

  it.each(['an injected repository', 'the given manager'])(
    'are loaded lazily inside their transaction with what it has written, by %s',
    async (way) => {
      await boxes.save(newBox('full', ['a']));
      const written = gate();
      const seen = gate();
      const writing = dataSource.transaction(async (manager) => {
        const repository = way === 'the given manager' ? manager.getRepository(Box) : boxes;
        const box = await repository.findOneByOrFail({ name: 'full' });
        await things.save(newThing('b', box));
        const inside = names(await box.things);
        written.open();
        await seen.passed;
        return inside;
      });
      await written.passed;
      const outside = await boxes
        .findOneByOrFail({ name: 'full' })
        .then((box) => box.things)
        .finally(seen.open);
      expect(names(outside)).toEqual(['a']);
      expect(await writing).toEqual(['a', 'b']);
    },
  );

  it('are loaded lazily in a later transaction', async () => {
    const box = await dataSource.transaction(() => boxes.save(newBox('full', ['a'])));
    const read = await dataSource.transaction(() => boxes.findOneByOrFail({ id: box.id }));
    const found = await dataSource.transaction(async () => {
      await things.save(newThing('b', read));
      return names(await read.things);
    });
    expect(found).toContain('a');
  });

  it('are changed by relation query builders in a transaction', async () => {
    const box = await boxes.save(newBox('full', ['a'], ['red']));
    const blue = await labels.save({ name: 'blue' });
    const failing = dataSource.transaction(async () => {
      await boxes.createQueryBuilder().relation(Box, 'labels').of(box.id).add(blue.id);
      await boxes.createQueryBuilder().relation(Box, 'things').of(box.id).loadMany();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await dataSource.transaction((manager) =>
      manager.createQueryBuilder().relation(Box, 'labels').of(box).add(blue),
    );
    const found = await boxes.findOneOrFail({ where: { id: box.id }, relations: { labels: true } });
    expect(names(await found.labels)).toEqual(['blue', 'red']);
  });
});
