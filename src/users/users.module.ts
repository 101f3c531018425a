import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../database/repositories.module.js';
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
  imports: [RepositoriesModule.forFeature([User, Item])],
  controllers: [UsersController, ItemsController],
  providers: [UsersService, ItemsService, PasswordHasher, SlowCountdown],
})
export class UsersModule {}
