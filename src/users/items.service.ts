import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { isId } from '../schema/ids.js';
import { JsonLists } from '../database/index.js';
import { joinLists } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import type { CreateItemDto } from './dto/create-item.dto.js';
import { ItemDto } from './dto/item.dto.js';
import type { PageDto } from './dto/page.dto.js';
import { Item } from './item.entity.js';
import { User } from './user.entity.js';

/** Keeps the items of users. */
@Injectable()
export class ItemsService {
  private readonly lists: JsonLists<Item>;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Item) private readonly items: Repository<Item>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.lists = new JsonLists(items, ItemDto.members);
  }

  /** @throws ProblemException 404 where there is no such user */
  async create(ownerId: number, { title, description }: CreateItemDto): Promise<ItemDto> {
    const item = await this.dataSource.transaction(async () => {
      if (!isId(ownerId) || !(await this.users.existsBy({ id: ownerId }))) {
        throw new ProblemException('user-not-found');
      }
      return this.items.save({ title, description, ownerId });
    });
    return ItemDto.from(item);
  }

  /** A part of the items as JSON. */
  list({ skip, limit }: PageDto): Promise<string | StreamableFile> {
    return joinLists(this.lists.part(skip, limit));
  }
}
