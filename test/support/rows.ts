import { getRepositoryToken } from '@nestjs/typeorm';
import type { DeepPartial, ObjectLiteral, Repository } from 'typeorm';
import { Sessions } from '../../src/database/sessions.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import type { TestApp } from './app.js';

/** Writes many rows in one unit of work, without a request for each. */
export async function insertRows<Entity extends ObjectLiteral>(
  { app }: TestApp,
  entity: new () => Entity,
  rows: DeepPartial<NoInfer<Entity>>[],
): Promise<void> {
  const repository = app.get<Repository<Entity>>(getRepositoryToken(entity));
  await app
    .get(Sessions)
    .run('rows', 'test', () => app.get(UnitOfWork).run(() => repository.save(rows, { chunk: 500 })));
}
