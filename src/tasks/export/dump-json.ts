import type { EntityManager } from 'typeorm';
import { type StoreName, STORES } from '../import/dump.js';
import { readTask } from '../import/records.js';
import { TaskList } from '../task-list.entity.js';
import { TaskStep } from '../task-step.entity.js';
import { TaskStore } from '../task-store.entity.js';
import { originOf, ownRecord } from '../task-origin.js';
import { allRows, allTasks, type WholeTask } from '../whole-tasks.js';

/** All tasks as the dump that they came in, in pieces of its JSON: each record as it came, but for what has changed. */
export async function* toDumpJson(manager: EntityManager): AsyncGenerator<string> {
  const records: Record<StoreName, () => AsyncGenerator<string[]>> = {
    lists: () => listRecords(manager),
    tasks: () => taskRecords(manager),
    steps: () => stepRecords(manager),
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
    if (first.done) yield content ?? '[]';
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

async function* listRecords(manager: EntityManager): AsyncGenerator<string[]> {
  for await (const page of allRows(manager, TaskList)) {
    const records = page.flatMap(({ source }) => source ?? []);
    if (records.length > 0) yield records;
  }
}

async function* taskRecords(manager: EntityManager): AsyncGenerator<string[]> {
  const origin = await originOf(manager);
  for await (const page of allTasks(manager)) {
    const records = page.flatMap((task) => taskRecord(task, origin) ?? []);
    if (records.length > 0) yield records;
  }
}

async function* stepRecords(manager: EntityManager): AsyncGenerator<string[]> {
  for await (const page of allRows(manager, TaskStep)) yield page.map(({ source }) => source);
}

/** None for a task that only stands in the place of one that is missing. */
function taskRecord(task: WholeTask, origin: string): string | undefined {
  const { name, done, details } = task;
  if (!details) return ownRecord(origin, task);
  if (details.source === null) return undefined;
  const record = JSON.parse(details.source) as object;
  const before = readTask(record);
  if (before.name === name && before.done === done) return details.source;
  return JSON.stringify({
    ...record,
    ...(before.name !== name && { title: name }),
    ...(before.done !== done && { completed: done }),
  });
}
