import { Controller, Get, Injectable, Module, Query } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import {
  Column,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  Repository,
  type Relation,
} from 'typeorm';

@Entity('users')
class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text', { unique: true })
  email: string;

  @Column('text', { select: false })
  hashed_password: string;

  @Column('boolean', { default: true })
  is_active: boolean;

  @OneToMany(() => Item, (item) => item.owner)
  items: Relation<Item>[];
}

@Entity('items')
class Item {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  title: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('integer')
  owner_id: number;

  @ManyToOne(() => User, (user) => user.items)
  @JoinColumn({ name: 'owner_id' })
  owner: Relation<User>;
}

class PageDto {
  @Type(() => Number)
  @IsInt()
  @Min(0)
  skip = 0;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000)
  limit = 100;
}

@Injectable()
class UsersService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  findPage({ skip, limit }: PageDto): Promise<User[]> {
    return this.users.find({ relations: { items: true }, order: { id: 'ASC' }, skip, take: limit });
  }
}

@Controller('users')
class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  findPage(@Query() page: PageDto): Promise<User[]> {
    return this.users.findPage(page);
  }
}

/** Users with their items. */
@Module({
  imports: [TypeOrmModule.forFeature([User, Item])],
  controllers: [UsersController],
  providers: [UsersService],
})
export class UsersModule {}
