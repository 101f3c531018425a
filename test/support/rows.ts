import { getRepositoryToken } from '@nestjs/typeorm';
import type { DeepPartial, ObjectLiteral, Repository } from 'typeorm';
import { Sessions } from '../../src/database/sessions.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import type { TestApp } from './app.js';

/** Runs statements in one unit of work, past the service. */
export async function execute({ app }: TestApp, ...statements: string[]): Promise<void> {
  const [sessions, unitOfWork] = [app.get(Sessions), app.get(UnitOfWork)];
  await sessions.run('statements', 'test', () =>
    unitOfWork.run(async () => {
      for (const sql of statements) await sessions.current.manager.query(sql);
    }),
  );
}

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
