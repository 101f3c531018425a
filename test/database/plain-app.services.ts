import { setImmediate as nextTick } from 'node:timers/promises';
import { ConflictException, Injectable } from '@nestjs/common';
import { InjectDataSource, InjectEntityManager, InjectRepository } from '@nestjs/typeorm';
import {
  DataSource,
  type DeepPartial,
  EntityManager,
  type EntitySubscriberInterface,
  type InsertEvent,
  Like,
  Repository,
} from 'typeorm';
import { Author, Book, Category, Change, Chapter, Counter, Status } from './plain-app.entities.js';

/** What a client may ask to fail once it is written. */
export interface MayFail {
  readonly fail?: boolean;
}

/** Stands for what takes time inside a transaction, so that other requests get on meanwhile. */
const elsewhere = () => nextTick();

/** A repository of the application's own, as a class. */
@Injectable()
export class BooksRepository extends Repository<Book> {
  constructor(@InjectDataSource() dataSource: DataSource) {
    super(Book, dataSource.createEntityManager());
  }

  cheaperThan(price: number): Promise<Book[]> {
    return this.createQueryBuilder('book')
      .leftJoinAndSelect('book.tags', 'tag')
      .where('book.price < :price', { price })
      .orderBy('book.title')
      .addOrderBy('tag.name')
      .getMany();
  }
}

/** Another, by `extend`. */
const countersOf = (dataSource: DataSource) =>
  dataSource.getRepository(Counter).extend({
    async readAndWrite(id: number): Promise<void> {
      const counter = await this.findOneByOrFail({ id });
      await elsewhere();
      await this.update({ id }, { value: counter.value + 1 });
    },
  });
type Counters = ReturnType<typeof countersOf>;

@Injectable()
export class AuthorSubscriber implements EntitySubscriberInterface<Author> {
  /** Names of the authors of which somebody was told when they were committed. */
  readonly told: string[] = [];

  constructor(@InjectDataSource() dataSource: DataSource) {
    dataSource.subscribers.push(this);
  }

  listenTo() {
    return Author;
  }

  async afterInsert({ entity, manager, queryRunner }: InsertEvent<Author>): Promise<void> {
    await manager.insert(Change, { name: entity.name });
    (queryRunner.data as { names?: string[] }).names = [entity.name];
  }

  afterTransactionCommit({ queryRunner }: { queryRunner: InsertEvent<Author>['queryRunner'] }): void {
    this.told.push(...((queryRunner.data as { names?: string[] }).names ?? []));
  }
}

@Injectable()
export class LibraryService {
  private readonly counters: Counters;

  constructor(
    @InjectRepository(Author) private readonly authors: Repository<Author>,
    @InjectRepository(Category) private readonly categories: Repository<Category>,
    @InjectRepository(Chapter) private readonly chapters: Repository<Chapter>,
    private readonly books: BooksRepository,
    @InjectDataSource() private readonly dataSource: DataSource,
    @InjectEntityManager() private readonly manager: EntityManager,
  ) {
    this.counters = countersOf(dataSource);
  }

  create(author: DeepPartial<Author>) {
    return this.authors.save(this.authors.create(author));
  }

  /** Some with injected repositories, some with the given manager, some with the injected one. */
  createWithChapters({ fail, ...author }: DeepPartial<Author> & MayFail): Promise<Author> {
    return this.dataSource.transaction(async (manager) => {
      const created = await this.create(author);
      await elsewhere();
      for (const book of created.books) {
        const chapter = manager.create(Chapter, { heading: `1 of ${book.title}` });
        chapter.book = Promise.resolve(book);
        await manager.save(chapter);
        await this.manager.insert(Chapter, { heading: `2 of ${book.title}`, book: { id: book.id } as never });
        await this.books.increment({ id: book.id }, 'price', 1);
      }
      await this.dataSource
        .createQueryBuilder()
        .update(Author)
        .set({ labels: ['new'] })
        .whereInIds(created.id)
        .execute();
      await elsewhere();
      if (fail) throw new ConflictException('as you asked');
      return this.authors.findOneByOrFail({ id: created.id });
    });
  }

  /** As Nest's documentation does it. */
  async createMany({ names, fail }: { names: string[] } & MayFail): Promise<void> {
    const queryRunner = this.dataSource.createQueryRunner();
    await queryRunner.connect();
    await queryRunner.startTransaction();
    try {
      for (const name of names) {
        await queryRunner.manager.save(Author, { name, address: {} });
        await elsewhere();
      }
      if (fail) throw new ConflictException('as you asked');
      await queryRunner.commitTransaction();
    } catch (error) {
      await queryRunner.rollbackTransaction();
      throw error;
    } finally {
      await queryRunner.release();
    }
  }

  find(name: string, skip: number, take: number) {
    return this.authors.findAndCount({
      where: { name: Like(`${name}%`) },
      relations: { books: { tags: true } },
      order: { name: 'ASC' },
      skip,
      take,
    });
  }

  findOne(id: string) {
    return this.authors.findOneOrFail({
      where: { id },
      relations: { books: { tags: true } },
      order: { books: { title: 'ASC' } },
      withDeleted: true,
    });
  }

  async change(id: string, changes: DeepPartial<Author>) {
    const author = await this.authors.findOneByOrFail({ id });
    return this.authors.save(this.authors.merge(author, changes));
  }

  async headings(title: string) {
    const book = await this.books.findOneByOrFail({ title });
    return (await book.chapters).map(({ heading }) => heading).toSorted();
  }

  async bookOf(heading: string) {
    return (await this.chapters.findOneByOrFail({ heading })).book;
  }

  readAndWrite(id: number) {
    return this.dataSource.transaction((manager) => manager.withRepository(this.counters).readAndWrite(id));
  }

  async categoryTree(tree: DeepPartial<Category>) {
    await this.categories.save(this.categories.create(tree));
    return this.manager.getTreeRepository(Category).findTrees();
  }

  remove(id: string) {
    return this.authors.softDelete(id);
  }

  restore(id: string) {
    return this.authors.restore(id);
  }

  retire(name: string) {
    return this.dataSource.query(`UPDATE author SET status = '${Status.Retired}' WHERE name = '${name}'`);
  }
}
