import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import type { DataSource, ObjectLiteral } from 'typeorm';
import { SessionRepository } from './session.repository.js';
import { Sessions } from './sessions.js';

/** Gives a feature its repositories, as `TypeOrmModule.forFeature` would, bound to the request's session. */
@Module({})
export class RepositoriesModule {
  /** Provides them under Nest's own tokens, for `@InjectRepository(Entity)`. */
  static forFeature(entities: Type<ObjectLiteral>[]): DynamicModule {
    const providers = entities.map((entity) => ({
      provide: getRepositoryToken(entity),
      inject: [Sessions, getDataSourceToken()],
      useFactory: (sessions: Sessions, reader: DataSource) => new SessionRepository(entity, sessions, reader),
    }));
    return { module: RepositoriesModule, providers, exports: providers };
  }
}
