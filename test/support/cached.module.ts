import { Controller, Get, Header, HttpCode, Injectable, Module, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { Repository } from 'typeorm';
import { CacheResponse } from '../../src/http/cache/cache-response.js';
import { Task } from '../../src/tasks/task.entity.js';
import { PageDto } from '../../src/users/dto/page.dto.js';
import { Item } from '../../src/users/item.entity.js';

/** What a test sees of the handlers, and how it holds them up. */
@Injectable()
export class Probe {
  /** How often a handler ran. */
  runs = 0;
  /** Awaited by a handler once it has read. */
  hold?: Promise<void>;
  private readonly waiting: (() => void)[] = [];

  /** Resolves when the next handler has read. */
  get read(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async ran<T>(value: T): Promise<T> {
    this.runs += 1;
    for (const resolve of this.waiting.splice(0)) resolve();
    await this.hold;
    return value;
  }
}

const VALUES: Readonly<Record<string, unknown>> = { text: '', list: [], zero: 0, no: false, nothing: null };

/** Handlers whose answers are kept, and some that only seem so. */
@ApiExcludeController()
@Controller('cached')
class CachedController {
  constructor(
    private readonly probe: Probe,
    @InjectRepository(Task) private readonly tasks: Repository<Task>,
    @InjectRepository(Item) private readonly items: Repository<Item>,
  ) {}

  @Get('tasks')
  @CacheResponse({ ttl: 3_600, tags: [Task] })
  async names() {
    return this.probe.ran((await this.tasks.find({ order: { id: 'ASC' } })).map(({ name }) => name));
  }

  @Get('items')
  @CacheResponse({ ttl: 3_600, tags: [Item] })
  async countItems() {
    return this.probe.ran({ items: await this.items.count() });
  }

  @Get('pages/:name')
  @CacheResponse({ ttl: 60, tags: ['pages'] })
  page(@Param('name') name: string, @Query() { skip, limit }: PageDto) {
    return this.probe.ran({ name, skip, limit });
  }

  @Get('languages')
  @CacheResponse({ ttl: 60, vary: { 'Accept-Language': true } })
  language() {
    return this.probe.ran('hello');
  }

  @Get('values/:name')
  @CacheResponse({ ttl: 60 })
  value(@Param('name') name: string) {
    return this.probe.ran(VALUES[name]);
  }

  @Get('plain-values/:name')
  plainValue(@Param('name') name: string) {
    return VALUES[name];
  }

  @Get('own-headers')
  @CacheResponse({ ttl: 60 })
  ownHeaders(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.header('content-type', 'text/csv').header('x-rows', 1).header('cache-control', 'max-age=5');
    return this.probe.ran('a,b');
  }

  @Get('cookie')
  @CacheResponse({ ttl: 60 })
  cookie(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.header('set-cookie', `visit=${this.probe.runs}`);
    return this.probe.ran('for you');
  }

  @Get('private')
  @Header('cache-control', 'private')
  @CacheResponse({ ttl: 60 })
  forOne() {
    return this.probe.ran('for you');
  }

  @Get('varies')
  @CacheResponse({ ttl: 60 })
  varies(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.header('vary', 'user-agent');
    return this.probe.ran('for your browser');
  }

  @Get('accepted')
  @HttpCode(202)
  @CacheResponse({ ttl: 60 })
  accepted() {
    return this.probe.ran('later');
  }

  @Get('stream')
  @CacheResponse({ ttl: 60 })
  stream() {
    return this.probe.ran(Readable.from(['once'], { objectMode: false }));
  }

  @Get('failure')
  @CacheResponse({ ttl: 60 })
  async fail() {
    await this.probe.ran(undefined);
    if (this.probe.runs === 1) throw new Error('away');
    return 'back';
  }
}

/** What a test of the response cache imports besides the service. */
@Module({
  imports: [TypeOrmModule.forFeature([Task, Item])],
  controllers: [CachedController],
  providers: [Probe],
})
export class CachedModule {}
