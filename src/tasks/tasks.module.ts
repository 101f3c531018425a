import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TasksExportService } from './export/tasks-export.service.js';
import { ImportWriter } from './import/import-writer.js';
import { StoresWriter } from './import/stores-writer.js';
import { TasksImportService } from './import/tasks-import.service.js';
import { TaskDetails } from './task-details.entity.js';
import { TaskList } from './task-list.entity.js';
import { TaskStep } from './task-step.entity.js';
import { TaskStore } from './task-store.entity.js';
import { Task } from './task.entity.js';
import { TasksController } from './tasks.controller.js';
import { TasksService } from './tasks.service.js';

/** Tasks, and the ways into and out of other services. */
@Module({
  imports: [TypeOrmModule.forFeature([Task, TaskList, TaskDetails, TaskStep, TaskStore])],
  controllers: [TasksController],
  providers: [TasksService, TasksImportService, ImportWriter, StoresWriter, TasksExportService],
})
export class TasksModule {}
