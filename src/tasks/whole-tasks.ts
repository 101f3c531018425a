import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EntityManager, type FindOptionsWhere, In, MoreThan } from 'typeorm';
import { TaskDetails } from './task-details.entity.js';
import { TaskList } from './task-list.entity.js';
import { TaskStep } from './task-step.entity.js';
import { Task } from './task.entity.js';

/** Rows that are in memory at once. */
const PAGE = 500;
/** Steps that are read in one go; a task may have any number of them. */
const STEPS = 2_000;

/** A task with all that is known of it. Only an imported one has a list, details and steps. */
export interface WholeTask extends Task {
  readonly list: TaskList | null;
  readonly details: TaskDetails | null;
  readonly steps: TaskStep[];
}

/** Adds what is known of these tasks. */
export async function wholeTasks(manager: EntityManager, tasks: readonly Task[]): Promise<WholeTask[]> {
  const taskId = In(tasks.map(({ id }) => id));
  const details = await manager.find(TaskDetails, { where: { taskId } });
  const lists = await manager.findBy(TaskList, { id: In([...new Set(details.map(({ listId }) => listId))]) });
  const listsById = new Map(lists.map((list) => [list.id, list]));
  const detailsOf = new Map(details.map((one) => [one.taskId, one]));
  const stepsOf = new Map<number, TaskStep[]>();
  for await (const page of allRows(manager, TaskStep, { taskId }, STEPS)) {
    for (const step of page) {
      const steps = stepsOf.get(step.taskId);
      if (steps) steps.push(step);
      else stepsOf.set(step.taskId, [step]);
    }
  }
  return tasks.map((task) => {
    const own = detailsOf.get(task.id);
    return {
      ...task,
      list: (own && listsById.get(own.listId)) ?? null,
      details: own ?? null,
      steps: stepsOf.get(task.id) ?? [],
    };
  });
}

/** All tasks by id, a page at a time. */
export async function* allTasks(manager: EntityManager): AsyncGenerator<WholeTask[]> {
  for await (const page of allRows(manager, Task)) yield wholeTasks(manager, page);
}

/** The tasks of a list by id, a page at a time; with those that have no details, where that is asked for. */
export async function* tasksOf(
  manager: EntityManager,
  list: { readonly id: number | null; readonly andTheRest: boolean },
): AsyncGenerator<WholeTask[]> {
  for (let last = 0; ;) {
    const query = manager
      .createQueryBuilder(Task, 'task')
      .leftJoin(TaskDetails, 'details', 'details.taskId = task.id')
      .where(`(details.listId = :list${list.andTheRest ? ' OR details.taskId IS NULL' : ''})`)
      .andWhere('task.id > :last')
      .setParameters({ list: list.id, last })
      .orderBy('task.id')
      .limit(PAGE);
    const page = await query.getMany();
    if (page.length === 0) return;
    yield wholeTasks(manager, page);
    last = page.at(-1)!.id;
    await nextTurn();
  }
}

/** All rows of an entity, or those that fit, by id, a page at a time. */
export async function* allRows<Row extends Task | TaskList | TaskStep>(
  manager: EntityManager,
  entity: new () => Row,
  fits: FindOptionsWhere<Row> = {},
  take = PAGE,
): AsyncGenerator<Row[]> {
  for (let last = 0; ;) {
    const where = { ...fits, id: MoreThan(last) } as never;
    const page = await manager.find(entity, { where, order: { id: 'ASC' } as never, take });
    if (page.length > 0) yield page;
    if (page.length < take) return;
    last = page.at(-1)!.id;
    await nextTurn();
  }
}
