import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Item } from './item.entity.js';
import { ItemsController } from './items.controller.js';
import { ItemsService } from './items.service.js';
import { PasswordHasher } from './password-hasher.js';
import { SlowCountdown } from './slow-countdown.js';
import { User } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Users and their items. */
@Module({
  imports: [TypeOrmModule.forFeature([User, Item])],
  controllers: [UsersController, ItemsController],
  providers: [UsersService, ItemsService, PasswordHasher, SlowCountdown],
})
export class UsersModule {}
