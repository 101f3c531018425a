import type { INestApplicationContext, Type } from '@nestjs/common';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { ObjectLiteral, Repository } from 'typeorm';

/** The repository that a service would inject. */
export function repositoryOf<T extends ObjectLiteral>(
  application: INestApplicationContext,
  entity: Type<T>,
): Repository<T> {
  return application.get<Repository<T>>(getRepositoryToken(entity));
}
