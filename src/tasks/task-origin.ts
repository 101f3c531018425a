import type { EntityManager } from 'typeorm';
import type { Task } from './task.entity.js';

/**
 * What the external ids of the tasks begin with that were made in this database: no other has the same.
 *
 * Its table has no entity, so that it is not carried over to another database, whose tasks are others.
 */
export async function originOf(manager: EntityManager): Promise<string> {
  const [row] = await manager.query<{ uuid: string }[]>('SELECT uuid FROM task_origin');
  return `daybook-${row!.uuid}-`;
}

/** The record, as in a dump, of a task that was made here. */
export function ownRecord(origin: string, { id, name, done }: Task): string {
  // SQLite's rows have 0 and 1 for false and true.
  const completed = Number(done) === 1;
  return JSON.stringify({ id: `${origin}${id}`, list_id: null, title: name, completed });
}
