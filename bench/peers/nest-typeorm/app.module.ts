import { Controller, Get, Header, Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { Database } from 'better-sqlite3';
import { LogsModule } from './logs.js';
import { TasksModule } from './tasks.js';
import { UsersModule } from './users.js';

const { DATABASE_URL = '', SYNCHRONOUS = 'FULL' } = process.env;

const options: TypeOrmModuleOptions = DATABASE_URL.startsWith('sqlite:')
  ? {
      type: 'better-sqlite3',
      database: DATABASE_URL.slice('sqlite:'.length),
      enableWAL: true,
      prepareDatabase: (database: Database): void => {
        database.pragma(`synchronous = ${SYNCHRONOUS}`);
      },
      autoLoadEntities: true,
    }
  : { type: 'postgres', url: DATABASE_URL, autoLoadEntities: true };

@Controller()
class InfoController {
  @Get('info')
  @Header('content-type', 'application/json')
  info(): string {
    return '"nestjs"';
  }
}

/** The whole application. */
@Module({
  imports: [TypeOrmModule.forRoot(options), LogsModule, TasksModule, UsersModule],
  controllers: [InfoController],
})
export class AppModule {}
