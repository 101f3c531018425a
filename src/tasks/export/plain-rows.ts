import { inOrder } from '../positions.js';
import { toIsoTime } from '../times.js';
import { toPlainText } from './note-text.js';
import type { WholeTask } from '../whole-tasks.js';

/** The columns of the plain CSV. */
export const PLAIN_COLUMNS = [
  'Id',
  'List',
  'Name',
  'Done',
  'Step of',
  'Position',
  'Note',
  'Created',
  'Due',
  'Completed',
] as const;

/** One row of it: a task, or a step with its task's id. */
export type PlainRow = Record<(typeof PLAIN_COLUMNS)[number], string>;

/** A task and its steps in order. */
export function* toPlainRows(task: WholeTask, zone: string): Generator<PlainRow, void> {
  const { id, name, done, list, details, steps } = task;
  const time = (at: string | null | undefined, given: string | null | undefined) =>
    at ? toIsoTime(at, given ?? null, zone) : '';
  yield {
    Id: String(id),
    List: list?.title ?? '',
    Name: name,
    Done: String(done),
    'Step of': '',
    Position: details?.position ?? '',
    Note: toPlainText(details?.note ?? null),
    Created: time(details?.createdAt, details?.createdZone),
    Due: time(details?.dueAt, details?.dueZone),
    Completed: time(details?.completedAt, details?.completedZone),
  };
  for (const step of inOrder(steps)) {
    yield {
      Id: '',
      List: list?.title ?? '',
      Name: step.title,
      Done: String(step.completed),
      'Step of': String(id),
      Position: step.position ?? '',
      Note: '',
      Created: time(step.createdAt, step.createdZone),
      Due: '',
      Completed: '',
    };
  }
}
