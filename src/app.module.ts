import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ConfigModule } from './config/config.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { ResponseCacheModule } from './http/cache/response-cache.module.js';
import { OpenApiController } from './http/openapi.controller.js';
import { ProblemDetailsFilter } from './http/problem-details.filter.js';
import { RequestValidationGuard } from './http/validation/request-validation.guard.js';
import { LogsModule } from './logs/logs.module.js';
import { LogRetentionModule } from './logs/retention/log-retention.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { NotesModule } from './notes/notes.module.js';
import { SearchModule } from './search/search.module.js';
import { SnapshotModule } from './snapshot/snapshot.module.js';
import { StorageModule } from './storage/storage.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { UsersModule } from './users/users.module.js';

/** The whole service: the list of its parts. */
@Module({
  imports: [
    ConfigModule,
    StorageModule,
    ResponseCacheModule,
    SnapshotModule,
    HomeModule,
    LogsModule,
    LogRetentionModule,
    TasksModule,
    UsersModule,
    NotesModule,
    SearchModule,
    HealthModule,
    MetricsModule,
  ],
  controllers: [OpenApiController],
  providers: [
    { provide: APP_GUARD, useClass: RequestValidationGuard },
    { provide: APP_FILTER, useClass: ProblemDetailsFilter },
  ],
})
export class AppModule {}
