import { inOrder } from '../positions.js';
import { toAmericanDay } from '../times.js';
import { toPlainText } from './note-text.js';
import { TimeSlice } from './time-slice.js';
import type { TaskStep } from '../task-step.entity.js';
import type { WholeTask } from '../whole-tasks.js';

/** The columns of Asana's importer, in this order. */
export const ASANA_COLUMNS = [
  'Name',
  'Section',
  'Subtask of',
  'Description',
  'Created',
  'Due Date',
  'Completed',
] as const;

/** Rows of a file at most, without its header: Asana takes 2,000. */
export const MAX_ROWS = 1_900;

/** One row of Asana's importer. */
export type AsanaRow = Record<(typeof ASANA_COLUMNS)[number], string>;

/** A title that is not as it was, so that Asana finds each task by its own. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** A task and behind it its steps, in order. */
export type AsanaGroup = [task: AsanaRow, ...steps: AsanaRow[]];

/** The tasks of a list in order, with names of which none is that of another row. */
export async function toAsanaRows(
  tasks: readonly WholeTask[],
  zone: string,
): Promise<{ groups: AsanaGroup[]; renamed: Renaming[] }> {
  const names = new UniqueNames(tasks.map(({ name }) => name));
  const placed = tasks.map((task) => ({ id: task.id, position: task.details?.position ?? null, task }));
  const ordered = inOrder(placed).map(({ task }) => ({ task, name: names.ofTask(task.name) }));
  // Their names come second: a step must not take that of a task behind it.
  const groups: AsanaGroup[] = [];
  const slice = new TimeSlice();
  for (const { task, name } of ordered) {
    const group: AsanaGroup = [taskRow(task, name, zone)];
    for (const step of inOrder(task.steps)) {
      group.push(stepRow(step, name, names, zone));
      if (slice.isOver()) await slice.next();
    }
    groups.push(group);
    if (slice.isOver()) await slice.next();
  }
  return { groups, renamed: names.renamed };
}

/**
 * Divides groups into files. A task and its steps are in one file; where they are more than a file takes, the task is
 * in each of theirs, as Asana looks for it there.
 */
export function toFiles(groups: readonly AsanaGroup[]): AsanaRow[][] {
  const files: AsanaRow[][] = [];
  for (const [task, ...steps] of groups) {
    for (let n = 0; n === 0 || n < steps.length; n += MAX_ROWS - 1) {
      const rows = [task, ...steps.slice(n, n + MAX_ROWS - 1)];
      const file = files.at(-1);
      if (file && file.length + rows.length <= MAX_ROWS) file.push(...rows);
      else files.push(rows);
    }
  }
  return files;
}

function taskRow({ done, details }: WholeTask, name: string, zone: string): AsanaRow {
  const day = (at: string | null | undefined, given: string | null | undefined) =>
    at ? toAmericanDay(at, given ?? null, zone) : '';
  return {
    Name: name,
    Section: done ? 'Done' : 'To do',
    'Subtask of': '',
    Description: toPlainText(details?.note ?? null),
    Created: day(details?.createdAt, details?.createdZone),
    'Due Date': day(details?.dueAt, details?.dueZone),
    // A task that was opened again in Daybook has the time still.
    Completed: done ? day(details?.completedAt, details?.completedZone) : '',
  };
}

function stepRow(
  { title, completed, createdAt, createdZone }: TaskStep,
  parent: string,
  names: UniqueNames,
  zone: string,
): AsanaRow {
  return {
    Name: names.ofStep(title),
    Section: completed ? 'Done' : 'To do',
    'Subtask of': parent,
    Description: '',
    Created: createdAt ? toAmericanDay(createdAt, createdZone, zone) : '',
    'Due Date': '',
    Completed: '',
  };
}

/** Names by which each task is found. Steps may share theirs with each other, as nothing looks for a step. */
class UniqueNames {
  readonly renamed: Renaming[] = [];
  private readonly given: Set<string>;
  private readonly used = new Set<string>();
  private readonly last = new Map<string, number>();

  constructor(titles: readonly string[]) {
    this.given = new Set(titles.map(nameOf));
  }

  ofTask(title: string): string {
    const name = this.free(title);
    this.used.add(name);
    return name;
  }

  ofStep(title: string): string {
    return this.free(title);
  }

  private free(title: string): string {
    const wanted = nameOf(title);
    if (!this.used.has(wanted)) return wanted;
    // From the last on: of very many that are alike, each would ask for all before it.
    for (let n = this.last.get(wanted) ?? 2; ; n += 1) {
      const name = `${wanted} (${n})`;
      if (this.used.has(name) || this.given.has(name)) continue;
      this.last.set(wanted, n);
      this.renamed.push({ from: title, to: name });
      return name;
    }
  }
}

/** Blanks around a name are not seen in a list, and an importer may take them away. */
const nameOf = (title: string): string => title.trim() || 'Untitled';
