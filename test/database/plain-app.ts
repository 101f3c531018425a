import {
  Body,
  Controller,
  Delete,
  type DynamicModule,
  Get,
  Module,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { InjectRepository, TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { type DeepPartial, Repository } from 'typeorm';
import { SessionDataSource } from '../../src/database/index.js';
import { Author, Book, Category, Change, Chapter, Counter, Profile, Tag } from './plain-app.entities.js';
import { AuthorSubscriber, BooksRepository, LibraryService, type MayFail } from './plain-app.services.js';

@Controller('authors')
export class AuthorsController {
  constructor(private readonly library: LibraryService) {}

  @Post()
  create(@Body() author: DeepPartial<Author>) {
    return this.library.create(author);
  }

  @Post('with-chapters')
  createWithChapters(@Body() author: DeepPartial<Author> & MayFail) {
    return this.library.createWithChapters(author);
  }

  @Post('many')
  createMany(@Body() body: { names: string[] } & MayFail) {
    return this.library.createMany(body);
  }

  @Post(':name/retire')
  async retire(@Param('name') name: string) {
    await this.library.retire(name);
  }

  @Post(':id/restore')
  restore(@Param('id') id: string) {
    return this.library.restore(id);
  }

  @Get()
  find(
    @Query('skip', ParseIntPipe) skip: number,
    @Query('take', ParseIntPipe) take: number,
    @Query('name') name = '',
  ) {
    return this.library.find(name, skip, take);
  }

  @Get(':id')
  findOne(@Param('id') id: string) {
    return this.library.findOne(id);
  }

  @Patch(':id')
  change(@Param('id') id: string, @Body() changes: DeepPartial<Author>) {
    return this.library.change(id, changes);
  }

  @Delete(':id')
  remove(@Param('id') id: string) {
    return this.library.remove(id);
  }
}

@Controller()
export class LibraryController {
  constructor(
    private readonly library: LibraryService,
    private readonly books: BooksRepository,
    @InjectRepository(Counter) private readonly counters: Repository<Counter>,
  ) {}

  @Put('books')
  upsert(@Body() book: { title: string; price: number }) {
    return this.books.upsert(book, ['title']);
  }

  @Get('books/cheap')
  cheap(@Query('below', ParseIntPipe) price: number) {
    return this.books.cheaperThan(price);
  }

  @Delete('books/cheap')
  async deleteCheap(@Query('below', ParseIntPipe) price: number) {
    await this.books.createQueryBuilder().delete().where('price < :price', { price }).execute();
  }

  @Get('books/:title/headings')
  headings(@Param('title') title: string) {
    return this.library.headings(title);
  }

  @Get('chapters/:heading/book')
  bookOf(@Param('heading') heading: string) {
    return this.library.bookOf(heading);
  }

  @Post('counters')
  counter() {
    return this.counters.save({ value: 0 });
  }

  @Get('counters/:id')
  count(@Param('id', ParseIntPipe) id: number) {
    return this.counters.findOneBy({ id });
  }

  @Post('counters/:id/read-and-write')
  readAndWrite(@Param('id', ParseIntPipe) id: number) {
    return this.library.readAndWrite(id);
  }

  @Post('counters/:id/increment')
  async increment(@Param('id', ParseIntPipe) id: number) {
    await this.counters.increment({ id }, 'value', 1);
  }

  @Post('categories')
  categories(@Body() tree: DeepPartial<Category>) {
    return this.library.categoryTree(tree);
  }
}

const entities = [Author, Book, Category, Change, Chapter, Counter, Profile, Tag];

@Module({
  imports: [TypeOrmModule.forFeature(entities)],
  controllers: [AuthorsController, LibraryController],
  providers: [LibraryService, BooksRepository, AuthorSubscriber],
})
class LibraryModule {}

/** A Nest application as Nest's and TypeORM's documentation write it, but for its data source. */
@Module({})
export class PlainAppModule {
  static register(connection: TypeOrmModuleOptions): DynamicModule {
    return {
      module: PlainAppModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...connection,
            autoLoadEntities: true,
            synchronize: true,
            retryAttempts: 0,
            // A busy machine takes its time for 200 transactions that are in each other's way.
            writeWaitMs: 120_000,
          }),
          dataSourceFactory: async (options) => new SessionDataSource(options!),
        }),
        LibraryModule,
      ],
    };
  }
}
