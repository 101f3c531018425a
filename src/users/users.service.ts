import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isId } from '../schema/ids.js';
import { isUniqueViolation, JsonLists } from '../database/index.js';
import { joinLists } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import type { CreateUserDto } from './dto/create-user.dto.js';
import type { PageDto } from './dto/page.dto.js';
import { UserDto } from './dto/user.dto.js';
import { Item } from './item.entity.js';
import { PasswordHasher } from './password-hasher.js';
import { SlowCountdown } from './slow-countdown.js';
import { User } from './user.entity.js';

/** Registers users and gives them back with their items. */
@Injectable()
export class UsersService {
  private readonly lists: JsonLists<User>;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Item) private readonly items: Repository<Item>,
    private readonly passwords: PasswordHasher,
    private readonly countdown: SlowCountdown,
  ) {
    this.lists = new JsonLists(users, UserDto.members);
  }

  /** @throws ProblemException 400 where the e-mail is registered, in capitals or not */
  async create({ email, password }: CreateUserDto): Promise<UserDto> {
    const emailKey = email.normalize('NFC').toLowerCase();
    // Asked first only to spare the hash; the unique key decides between two who come at once.
    if (await this.users.existsBy({ emailKey })) throw new ProblemException('email-already-registered');
    const passwordHash = await this.passwords.hash(password);
    try {
      const user = await this.users.save({ email, emailKey, passwordHash, isActive: true });
      return UserDto.from(user, []);
    } catch (error) {
      if (isUniqueViolation(error)) throw new ProblemException('email-already-registered');
      throw error;
    }
  }

  /** A part of the users with their items, as JSON. */
  list({ skip, limit }: PageDto): Promise<string | StreamableFile> {
    return joinLists(this.lists.part(skip, limit));
  }

  async listSlowly(page: PageDto): Promise<string | StreamableFile> {
    await this.countdown.wait();
    return this.list(page);
  }

  /** @throws ProblemException 404 */
  async get(id: number): Promise<UserDto> {
    const user = isId(id) ? await this.users.findOneBy({ id }) : null;
    if (!user) throw new ProblemException('user-not-found');
    return UserDto.from(user, await this.items.find({ where: { ownerId: id }, order: { id: 'ASC' } }));
  }
}
