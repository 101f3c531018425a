import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { LogsModule } from '../logs/logs.module.js';
import { NotesModule } from '../notes/notes.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { UsersModule } from '../users/users.module.js';

/** What the commands use of the service: its data, without HTTP. */
@Module({ imports: [ConfigModule, DatabaseModule, LogsModule, TasksModule, UsersModule, NotesModule] })
export class CliModule {}
