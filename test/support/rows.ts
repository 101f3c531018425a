import { getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import type { DataSource, DeepPartial, ObjectLiteral, Repository } from 'typeorm';
import type { TestApp } from './app.js';

/** Runs statements in one transaction, past the service. */
export async function execute({ app }: TestApp, ...statements: string[]): Promise<void> {
  await app.get<DataSource>(getDataSourceToken()).transaction(async (manager) => {
    for (const sql of statements) await manager.query(sql);
  });
}

/** Empties the tables of tasks, and begins with the ids anew, for tests that are not about them. */
export function clearTasks(test: TestApp): Promise<void> {
  const names = ['tasks', 'task_lists', 'task_details', 'task_steps', 'task_stores'];
  return test.databaseUrl.startsWith('postgres')
    ? execute(test, `TRUNCATE ${names.join(', ')} RESTART IDENTITY`)
    : execute(test, ...[...names, 'sqlite_sequence'].map((name) => `DELETE FROM ${name}`));
}

/** Writes many rows in one transaction, without a request for each. */
export async function insertRows<Entity extends ObjectLiteral>(
  { app }: TestApp,
  entity: new () => Entity,
  rows: DeepPartial<NoInfer<Entity>>[],
): Promise<void> {
  const repository = app.get<Repository<Entity>>(getRepositoryToken(entity));
  await app.get<DataSource>(getDataSourceToken()).transaction(() => repository.save(rows, { chunk: 500 }));
}
