import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { ObjectLiteral } from 'typeorm';
import { SearchConfig } from '../config/search.config.js';
import { SnapshotRepository } from './snapshot.repository.js';
import { SnapshotWatcher } from './snapshot-watcher.js';
import { Snapshots } from './snapshots.js';

/** The name of the snapshot among data sources, for `@InjectRepository(Entity, SNAPSHOT)`. */
export const SNAPSHOT = 'snapshot';

/** The snapshot for the whole application. Features get its repositories from `SnapshotRepositoriesModule`. */
@Global()
@Module({
  providers: [
    {
      provide: Snapshots,
      inject: [SearchConfig],
      useFactory: ({ file }: SearchConfig) => new Snapshots(file),
    },
    {
      provide: SnapshotWatcher,
      inject: [Snapshots],
      useFactory: (snapshots: Snapshots) => new SnapshotWatcher(snapshots),
    },
  ],
  exports: [Snapshots],
})
export class SnapshotModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(SnapshotWatcher) private readonly watcher: SnapshotWatcher,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.watcher.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.watcher.stop();
    await this.snapshots.close();
  }
}

/** Gives a feature its repositories of the snapshot. */
@Module({})
export class SnapshotRepositoriesModule {
  /** Provides them under Nest's own tokens, for `@InjectRepository(Entity, SNAPSHOT)`. */
  static forFeature(entities: Type<ObjectLiteral>[]): DynamicModule {
    const providers = entities.map((entity) => ({
      provide: getRepositoryToken(entity, SNAPSHOT),
      inject: [Snapshots],
      useFactory: (snapshots: Snapshots) => new SnapshotRepository(entity, snapshots),
    }));
    return { module: SnapshotRepositoriesModule, providers, exports: providers };
  }
}
