import type { EntityManager } from 'typeorm';
import { type StoreName, STORES } from '../import/dump.js';
import { toJson } from '../import/kept-records.js';
import { TaskDetails } from '../task-details.entity.js';
import { TaskList } from '../task-list.entity.js';
import { TaskStep } from '../task-step.entity.js';
import { TaskStore } from '../task-store.entity.js';
import { originOf, ownRecord } from '../task-origin.js';
import { allRows, allTasks } from '../whole-tasks.js';
import { listRecord, stepRecord, taskRecord } from './records-of-rows.js';
import type { UnreadableRows } from './unreadable-rows.js';

/** All tasks as the dump that they came in, in pieces of its JSON: each record as it came, but for what has changed. */
export async function* toDumpJson(
  manager: EntityManager,
  unreadable: UnreadableRows,
): AsyncGenerator<string> {
  const records: Record<StoreName, () => AsyncGenerator<string[]>> = {
    lists: () => listRecords(manager, unreadable),
    tasks: () => taskRecords(manager, unreadable),
    steps: () => stepRecords(manager, unreadable),
  };
  const imported = await manager.find(TaskStore, { order: { id: 'ASC' } });
  const names = new Set(imported.map(({ name }) => name));
  const own = STORES.filter((name) => !names.has(name)).map((name) => ({ name, content: null }));
  let separator = '{';
  for (const { name, content } of [...imported, ...own]) {
    const isOwn = (STORES as readonly string[]).includes(name);
    const pieces = isOwn ? records[name as StoreName]() : noRecords();
    const first = await pieces.next();
    // A store that the dump did not have, or had as null, is there only when there is something in it.
    if (first.done && content === null && !names.has(name) && imported.length > 0) continue;
    yield `${separator}${JSON.stringify(name)}:`;
    separator = ',';
    if (first.done) yield readable(name, content ?? '[]', unreadable);
    else yield* list(first.value, pieces);
  }
  yield separator === '{' ? '{}' : '}';
}

async function* list(first: string[], rest: AsyncGenerator<string[]>): AsyncGenerator<string> {
  yield `[${first.join(',')}`;
  for await (const records of rest) if (records.length > 0) yield `,${records.join(',')}`;
  yield ']';
}

async function* noRecords(): AsyncGenerator<string[]> {
  // An object store that Daybook has no table for.
}

/** The content of an object store, as far as it is JSON. */
function readable(name: string, content: string, unreadable: UnreadableRows): string {
  if (toJson(content) !== undefined) return content;
  unreadable.add(`object store ${name}`, 'what is kept of it is no JSON, and is left out');
  return 'null';
}

async function* listRecords(manager: EntityManager, unreadable: UnreadableRows): AsyncGenerator<string[]> {
  for await (const page of allRows(manager, TaskList)) {
    const imported = page.filter(({ externalId }) => externalId !== null);
    if (imported.length > 0) yield imported.map((row) => listRecord(row, unreadable));
  }
}

async function* taskRecords(manager: EntityManager, unreadable: UnreadableRows): AsyncGenerator<string[]> {
  const origin = await originOf(manager);
  for await (const page of allTasks(manager)) {
    const records = page.flatMap((task) => {
      if (!task.details) return ownRecord(origin, task);
      // It only stands in the place of one that is missing.
      return task.details.source === null ? [] : taskRecord(task, unreadable);
    });
    if (records.length > 0) yield records;
  }
}

async function* stepRecords(manager: EntityManager, unreadable: UnreadableRows): AsyncGenerator<string[]> {
  const taskIdOf = async (taskId: number): Promise<string> => {
    const details = await manager.findOneBy(TaskDetails, { taskId });
    return details?.externalId ?? `${await originOf(manager)}${taskId}`;
  };
  for await (const page of allRows(manager, TaskStep)) {
    const records: string[] = [];
    for (const step of page) {
      records.push(await stepRecord(step, () => taskIdOf(step.taskId), unreadable));
    }
    yield records;
  }
}
