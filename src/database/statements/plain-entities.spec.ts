import {
  AfterLoad,
  BeforeInsert,
  ChildEntity,
  Column,
  CreateDateColumn,
  DataSource,
  DeleteDateColumn,
  Entity,
  Generated,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeParent,
  UpdateDateColumn,
  VersionColumn,
  ViewColumn,
  ViewEntity,
  VirtualColumn,
} from 'typeorm';
import { isPlain, logsQueries } from './plain-entities.js';

abstract class WithId {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('varchar')
  text: string;
}

@Entity()
class Plain extends WithId {}

@Entity({ name: 'other_name', orderBy: { text: 'DESC' } })
class Renamed extends WithId {
  @Column('int', { name: 'other_column', nullable: true, unique: true, default: 3, comment: 'x' })
  number: number | null;
}

@Entity()
class WithKeys {
  @PrimaryColumn('varchar')
  one: string;

  @PrimaryColumn('int')
  two: number;
}

@Entity()
class WithLazyRelations extends WithId {
  @Column('int', { nullable: true })
  plainId: number | null;

  @ManyToOne(() => Plain, { lazy: true, nullable: true })
  @JoinColumn({ name: 'plainId' })
  plain: Promise<Plain | null>;
}

// Its dates, JSON and the like are looked at column by column.
@Entity()
class WithOtherTypes extends WithId {
  @Column('datetime', { nullable: true })
  at: Date | null;

  @Column('simple-json', { nullable: true })
  json: unknown;
}

@Entity()
class WithForeignKey extends WithId {
  @ManyToOne(() => Plain)
  plain: Plain;
}

@Entity()
class WithEagerRelation extends WithId {
  @Column('int', { nullable: true })
  plainId: number | null;

  @ManyToOne(() => Plain, { eager: true })
  @JoinColumn({ name: 'plainId' })
  plain: Plain;
}

@Entity()
class WithListener extends WithId {
  @BeforeInsert()
  prepare(): void {}
}

@Entity()
class WithLoadListener extends WithId {
  @AfterLoad()
  prepare(): void {}
}

@Entity()
class WithRelationId extends WithId {
  @Column('int', { nullable: true })
  plainId: number | null;

  @ManyToOne(() => Plain)
  @JoinColumn({ name: 'plainId' })
  plain: Plain;

  @RelationId(({ plain }: WithRelationId) => plain)
  relationId: number;
}

class Part {
  @Column('varchar')
  text: string;
}

@Entity()
class WithEmbedded extends WithId {
  @Column(() => Part)
  part: Part;
}

@Entity()
@Tree('closure-table')
class InTree extends WithId {
  @TreeChildren()
  children: InTree[];

  @TreeParent()
  parent: InTree;
}

@Entity()
@TableInheritance({ column: { name: 'kind', type: 'varchar' } })
class Parent extends WithId {}

@ChildEntity()
class Child extends Parent {
  @Column('varchar', { nullable: true })
  more: string | null;
}

@ViewEntity({ expression: 'SELECT id AS id FROM plain' })
class View {
  @ViewColumn()
  id: number;
}

const entityWith = (name: string, column: PropertyDecorator, type: unknown = String) => {
  const made = { [name]: class extends WithId {} }[name]!;
  Reflect.defineMetadata('design:type', type, made.prototype, 'column');
  column(made.prototype, 'column');
  Entity()(made);
  return made;
};

const SPECIAL = [
  entityWith('Hidden', Column({ type: 'varchar', select: false })),
  entityWith('Unwritten', Column({ type: 'varchar', insert: false })),
  entityWith('Unchanged', Column({ type: 'varchar', update: false })),
  entityWith('Created', CreateDateColumn(), Date),
  entityWith('Updated', UpdateDateColumn(), Date),
  entityWith('Deleted', DeleteDateColumn(), Date),
  entityWith('Versioned', VersionColumn(), Number),
  entityWith('Virtual', VirtualColumn({ query: () => '1' })),
  entityWith('Computed', Column({ type: 'int', asExpression: 'id * 2' })),
  entityWith('Named', Column({ type: 'varchar', name: 'x'.repeat(57) })),
];

@Entity()
class WithUuid {
  @PrimaryGeneratedColumn('uuid')
  id: string;
}

@Entity()
class WithUuidBeside extends WithId {
  @Column('varchar')
  @Generated('uuid')
  uuid: string;
}

@Entity()
class Elsewhere extends WithId {
  @OneToMany(() => WithForeignKey, ({ plain }) => plain)
  many: WithForeignKey[];
}

@Entity({ schema: 'other' })
class InOtherSchema extends WithId {}

const PLAIN = [Plain, Renamed, WithKeys, WithLazyRelations, WithOtherTypes, Elsewhere];
const OTHERS = [
  ...[
    WithForeignKey,
    WithEagerRelation,
    WithRelationId,
    WithListener,
    WithLoadListener,
    WithEmbedded,
    InTree,
    Parent,
    Child,
  ],
  ...[View, WithUuid, WithUuidBeside, ...SPECIAL],
];

describe('isPlain', () => {
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [...PLAIN, ...OTHERS],
    });
    await buildMetadatas(dataSource);
  });

  it.each(PLAIN.map((entity) => [entity.name, entity]))('takes %s', (_, entity) => {
    expect(isPlain(dataSource.getMetadata(entity))).toBe(true);
  });

  it.each(OTHERS.map((entity) => [entity.name, entity]))('leaves %s to TypeORM', (_, entity) => {
    expect(isPlain(dataSource.getMetadata(entity))).toBe(false);
  });

  it('leaves a table of another schema to TypeORM', async () => {
    const own = new DataSource({ type: 'postgres', entities: [Plain, InOtherSchema] });
    await buildMetadatas(own);
    expect([isPlain(own.getMetadata(Plain)), isPlain(own.getMetadata(InOtherSchema))]).toEqual([true, false]);
  });

  it('takes names of columns up to what PostgreSQL keeps of them', async () => {
    const entity = entityWith('Longest', Column('varchar', { name: 'x'.repeat(56) }));
    const own = new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [entity] });
    await buildMetadatas(own);
    expect(isPlain(own.getMetadata(entity))).toBe(true);
  });
});

describe('logsQueries', () => {
  it.each([
    [{}, false],
    [{ logging: false }, false],
    [{ logging: ['error', 'schema'] as const }, false],
    [{ logging: [] }, false],
    [{ logger: 'file', logging: false } as const, false],
    [{ logging: true }, true],
    [{ logging: 'all' } as const, true],
    [{ logging: ['error', 'query'] as const }, true],
    [{ logger: 'file' } as const, true],
    [{ maxQueryExecutionTime: 0 }, true],
    [{ maxQueryExecutionTime: 100, logging: false }, true],
  ])('%o: %s', (options, isLogged) => {
    const all = { type: 'better-sqlite3', database: ':memory:', ...options } as Parameters<
      typeof logsQueries
    >[0];
    expect(logsQueries(all)).toBe(isLogged);
  });
});

/** What connecting does, without a database. */
async function buildMetadatas(dataSource: DataSource): Promise<void> {
  await (dataSource as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
}
