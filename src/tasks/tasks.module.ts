import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../database/repositories.module.js';
import { Task } from './task.entity.js';
import { TasksController } from './tasks.controller.js';
import { TasksService } from './tasks.service.js';

/** Tasks. */
@Module({
  imports: [RepositoriesModule.forFeature([Task])],
  controllers: [TasksController],
  providers: [TasksService],
})
export class TasksModule {}
