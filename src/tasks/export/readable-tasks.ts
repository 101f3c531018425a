import type { TaskStep } from '../task-step.entity.js';
import type { WholeTask } from '../whole-tasks.js';
import type { UnreadableRows } from './unreadable-rows.js';

/** These tasks without what cannot be read of them: SQLite keeps any value in any column, and a time is text. */
export async function* readableTasks(
  pages: AsyncIterable<WholeTask[]>,
  unreadable: UnreadableRows,
): AsyncGenerator<WholeTask[]> {
  for await (const page of pages) yield page.map((task) => readableTask(task, unreadable));
}

function readableTask(task: WholeTask, unreadable: UnreadableRows): WholeTask {
  const { id, name, list, details, steps } = task;
  const row = `task ${id}`;
  return {
    ...task,
    name: unreadable.text(row, 'name', name) ?? '',
    list: list && { ...list, title: unreadable.text(`list ${list.id}`, 'title', list.title) ?? '' },
    details: details && {
      ...details,
      position: unreadable.text(row, 'position', details.position),
      note: unreadable.text(row, 'note', details.note),
      createdAt: unreadable.time(row, 'created_at', details.createdAt),
      dueAt: unreadable.time(row, 'due_date', details.dueAt),
      completedAt: unreadable.time(row, 'completed_at', details.completedAt),
    },
    steps: steps.map((step) => readableStep(step, unreadable)),
  };
}

function readableStep(step: TaskStep, unreadable: UnreadableRows): TaskStep {
  const row = `step ${step.id}`;
  return {
    ...step,
    title: unreadable.text(row, 'title', step.title) ?? '',
    position: unreadable.text(row, 'position', step.position),
    createdAt: unreadable.time(row, 'created_at', step.createdAt),
  };
}
