import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { isUniqueViolation } from '../database/database-errors.js';
import { isId } from '../database/ids.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { ProblemException } from '../http/problems.js';
import type { CreateUserDto } from './dto/create-user.dto.js';
import type { PageDto } from './dto/page.dto.js';
import { UserDto } from './dto/user.dto.js';
import { Item } from './item.entity.js';
import { PasswordHasher } from './password-hasher.js';
import { SlowCountdown } from './slow-countdown.js';
import { User } from './user.entity.js';

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Item) private readonly items: Repository<Item>,
    private readonly unitOfWork: UnitOfWork,
    private readonly passwords: PasswordHasher,
    private readonly countdown: SlowCountdown,
  ) {}

  /** @throws ProblemException 400 where the e-mail is registered, in capitals or not */
  async create({ email, password }: CreateUserDto): Promise<UserDto> {
    const emailKey = email.normalize('NFC').toLowerCase();
    // Asked first only to spare the hash; the unique key decides between two who come at once.
    if (await this.users.existsBy({ emailKey })) throw new ProblemException('email-already-registered');
    const passwordHash = await this.passwords.hash(password);
    try {
      const user = await this.unitOfWork.run(() =>
        this.users.save({ email, emailKey, passwordHash, isActive: true }),
      );
      return UserDto.from(user, []);
    } catch (error) {
      if (isUniqueViolation(error)) throw new ProblemException('email-already-registered');
      throw error;
    }
  }

  async list({ skip, limit }: PageDto): Promise<UserDto[]> {
    const users = await this.users.find({ order: { id: 'ASC' }, skip, take: limit });
    return this.withItems(users);
  }

  async listSlowly(page: PageDto): Promise<UserDto[]> {
    await this.countdown.wait();
    return this.list(page);
  }

  /** @throws ProblemException 404 */
  async get(id: number): Promise<UserDto> {
    const users = isId(id) ? await this.users.findBy({ id }) : [];
    const [user] = await this.withItems(users);
    if (!user) throw new ProblemException('user-not-found');
    return user;
  }

  /** Two statements for any number of users. A join would page over pairs of a user and an item. */
  private async withItems(users: User[]): Promise<UserDto[]> {
    const itemsOf = new Map<number, Item[]>(users.map(({ id }) => [id, []]));
    const items = await this.items.find({
      where: { ownerId: In([...itemsOf.keys()]) },
      order: { id: 'ASC' },
    });
    for (const item of items) itemsOf.get(item.ownerId)?.push(item);
    return users.map((user) => UserDto.from(user, itemsOf.get(user.id) ?? []));
  }
}
