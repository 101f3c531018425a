import type { JsonObject } from '../import/dump.js';
import { hasId, stateOf, toObject } from '../import/kept-records.js';
import type { TaskList } from '../task-list.entity.js';
import type { TaskStep } from '../task-step.entity.js';
import type { WholeTask } from '../whole-tasks.js';
import type { UnreadableRows } from './unreadable-rows.js';

/** A list's record in a dump. */
export function listRecord(
  { id, title, position, externalId, source }: TaskList,
  unreadable: UnreadableRows,
) {
  const known = { title, position };
  return recordOf(`list ${id}`, externalId!, source, known, unreadable).source;
}

/** A task's record in a dump, with what was changed in Daybook. */
export function taskRecord({ id, name, done, list, details }: WholeTask, unreadable: UnreadableRows): string {
  const row = `task ${id}`;
  const { externalId, source, position, note, ...times } = details!;
  const known = {
    list_id: list?.externalId ?? null,
    title: name,
    completed: done,
    position,
    note,
    created_at: timeOf(times.createdAt, times.createdZone),
    due_date: timeOf(times.dueAt, times.dueZone),
    completed_at: timeOf(times.completedAt, times.completedZone),
  };
  const kept = recordOf(row, externalId, source, known, unreadable);
  const before = stateOf(kept.record);
  const title = unreadable.text(row, 'name', name) ?? before?.name ?? '';
  if (before?.name === title && before.done === done) return kept.source;
  return JSON.stringify({
    ...kept.record,
    ...(before?.name !== title && { title }),
    ...(before?.done !== done && { completed: done }),
  });
}

/** A step's record in a dump. @param taskId the external id of its task, where that has to be asked for */
export async function stepRecord(
  { id, title, completed, position, createdAt, createdZone, externalId, source }: TaskStep,
  taskId: () => Promise<string>,
  unreadable: UnreadableRows,
): Promise<string> {
  const record = toObject(source);
  const task_id = record ? null : await taskId();
  const known = { task_id, title, completed, position, created_at: timeOf(createdAt, createdZone) };
  return recordOf(`step ${id}`, externalId, source, known, unreadable).source;
}

const timeOf = (at: string | null, zone: string | null) =>
  at === null ? null : { date_time: at, time_zone: zone };

/**
 * The record as it came. Where that cannot be read, it is what the row's other columns know; where it has not the id by
 * which it is known, as a number that was too large was kept as null once, it has that id.
 */
function recordOf(
  row: string,
  externalId: string,
  source: string | null,
  known: JsonObject,
  unreadable: UnreadableRows,
): { record: JsonObject; source: string } {
  const record = source === null ? undefined : toObject(source);
  if (record && hasId(record, externalId)) return { record, source: source! };
  unreadable.add(
    row,
    record
      ? 'the record that came has no id that can be read; it has the one that Daybook knows'
      : 'the record that came cannot be read; what Daybook knows of it is here',
  );
  const whole = { ...(record ?? known), id: externalId };
  return { record: whole, source: JSON.stringify(whole) };
}
