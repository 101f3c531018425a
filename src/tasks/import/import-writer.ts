import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { isId } from '../../schema/ids.js';
import { TaskDetails } from '../task-details.entity.js';
import { TaskList } from '../task-list.entity.js';
import { TaskStep } from '../task-step.entity.js';
import { originOf, ownRecord } from '../task-origin.js';
import { Task } from '../task.entity.js';
import { byExternalId, insertAll, parts, rawRows, replaceAll } from './bulk-rows.js';
import { compare, isSame } from './compare.js';
import type { ImportCountsDto, ImportReportDto } from './dto/import-report.dto.js';
import { stateOf, toObject } from './kept-records.js';
import type { FaultyRecord, PreparedDump } from './prepare.js';
import type { StepRow, TaskRow } from './records.js';
import { type MergedStore, StoresWriter } from './stores-writer.js';

/** Where tasks are kept whose list is not known. */
export const WITHOUT_A_LIST = 'Without a list';

/** Stands for the id of a task where a step names none. No record has it: an empty id is a fault. */
const NO_ID = '';

/** What is written of a dump, as it is counted. */
export type Written = Pick<ImportReportDto, 'lists' | 'tasks' | 'steps' | 'orphans' | 'overwritten'> & {
  /** Object stores that cannot be kept beside what is there of them. */
  conflicts: FaultyRecord[];
};

type OwnTask = Pick<TaskDetails, 'taskId' | 'listId' | 'externalId' | 'source'>;

/**
 * Writes what a dump holds, in the transaction that runs. Records are known again by their external ids.
 *
 * A record that is the same as at the last import is left alone, whatever was done in Daybook since then.
 */
@Injectable()
export class ImportWriter {
  constructor(
    @InjectRepository(Task) private readonly tasks: Repository<Task>,
    @InjectRepository(TaskList) private readonly lists: Repository<TaskList>,
    @InjectRepository(TaskDetails) private readonly details: Repository<TaskDetails>,
    @InjectRepository(TaskStep) private readonly steps: Repository<TaskStep>,
    private readonly stores: StoresWriter,
  ) {}

  async write(given: PreparedDump, stores: readonly MergedStore[]): Promise<Written> {
    const conflicts = await this.stores.write(stores);
    const own = await this.ownTasks(given);
    const isAsItWas = (row: TaskRow) => own.get(row.externalId)?.source === row.source;
    const dump = { ...given, tasks: given.tasks.filter((row) => !isAsItWas(row)) };
    const lists = await this.writeLists(dump);
    const tasks = await this.writeTasks(dump, lists.ids, own);
    tasks.counts.unchanged += given.tasks.length - dump.tasks.length;
    const steps = await this.writeSteps(dump.steps, tasks.ids);
    return {
      lists: lists.counts,
      tasks: tasks.counts,
      steps,
      orphans: {
        list: WITHOUT_A_LIST,
        tasks: dump.tasks.filter(({ list }) => !isKnown(lists.ids, list)).length,
        steps: dump.steps.filter(({ task }) => tasks.missing.has(task ?? NO_ID)).length,
      },
      overwritten: tasks.overwritten,
      conflicts,
    };
  }

  /** Writes the lists. Answers the ids of these and of those that the tasks name. */
  private async writeLists({ lists, tasks }: PreparedDump) {
    const known = await byExternalId(
      this.lists,
      ['id'],
      [...lists.map(({ externalId }) => externalId), ...tasks.flatMap(({ list }) => list ?? [])],
    );
    const { added, changed, counts } = compare(lists, known, isSame);
    const ids = idsOf(known, ({ id }) => id);
    const inserted = await insertAll(this.lists, added);
    for (const { id, externalId } of inserted) ids.set(externalId!, id);
    // Not as the others: a list that is deleted takes its tasks' details along.
    for await (const part of parts(changed.map(({ row }) => row))) {
      await this.lists.upsert(part, ['externalId']);
    }
    return { ids, counts };
  }

  /** The tasks that a dump names, were made in this database, and were never imported: as if they had been. */
  private async ownTasks({ tasks, steps }: PreparedDump) {
    const origin = await originOf(this.tasks.manager);
    const named = [...tasks.map(({ externalId }) => externalId), ...steps.map(({ task }) => task ?? NO_ID)];
    const ids = named.flatMap((id) => (id.startsWith(origin) ? Number(id.slice(origin.length)) : []));
    const own = new Map<string, OwnTask>();
    for await (const part of parts([...new Set(ids.filter(isId))])) {
      const imported = await rawRows(this.details, ['taskId'], 'taskId', part);
      const others = new Set(imported.map(({ taskId }) => taskId));
      for (const task of await rawRows(this.tasks, ['id', 'name', 'done'], 'id', part)) {
        const externalId = `${origin}${task.id}`;
        const source = ownRecord(origin, task);
        if (!others.has(task.id)) own.set(externalId, { taskId: task.id, listId: 0, externalId, source });
      }
    }
    return own;
  }

  /** Writes the tasks, and one in the place of each that only steps name. Answers the ids of all of these. */
  private async writeTasks(
    { tasks, steps }: PreparedDump,
    listIds: Map<string, number>,
    own: Map<string, OwnTask>,
  ) {
    const named = [...new Set(steps.map(({ task }) => task ?? NO_ID))];
    const imported = await byExternalId(
      this.details,
      ['taskId', 'listId'],
      [...tasks.map(({ externalId }) => externalId), ...named],
    );
    const known = new Map([...own, ...imported]);
    const given = new Set(tasks.map(({ externalId }) => externalId));
    const missing = new Set(named.filter((id) => !given.has(id) && !known.get(id)?.source));
    const orphaned = tasks.some(({ list }) => !isKnown(listIds, list));
    const rest = orphaned || missing.size > 0 ? await this.listForTheRest() : 0;
    const listOf = ({ list }: Pick<TaskRow, 'list'>) =>
      (list === null ? undefined : listIds.get(list)) ?? rest;

    const { added, changed, counts } = compare(
      tasks,
      known,
      (row, old) => isSame(row, old) && listOf(row) === old.listId,
    );
    const ids = idsOf(known, ({ taskId }) => taskId);
    const placeholders = [...missing].filter((id) => !known.has(id)).map(placeholderFor);
    const rows = [...added, ...placeholders];
    const inserted = await insertAll(
      this.tasks,
      rows.map(({ name, done }) => ({ name, done })),
    );
    for (const [n, { externalId }] of rows.entries()) ids.set(externalId, inserted[n]!.id);
    await insertAll(
      this.details,
      rows.map((row) => detailsOf(row, ids.get(row.externalId)!, listOf(row))),
    );

    const overwritten = await this.rewriteTasks(changed.filter(({ row, old }) => !isSame(row, old)));
    await replaceAll(
      this.details,
      changed.map(({ row, old }) => detailsOf(row, old.taskId, listOf(row))),
    );
    return { ids, counts, missing, overwritten };
  }

  private async writeSteps(steps: StepRow[], taskIds: Map<string, number>): Promise<ImportCountsDto> {
    const known = await byExternalId(
      this.steps,
      ['id', 'taskId'],
      steps.map(({ externalId }) => externalId),
    );
    const rows = steps.map(({ task, ...row }) => ({ ...row, taskId: taskIds.get(task ?? NO_ID)! }));
    const { added, changed, counts } = compare(
      rows,
      known,
      (row, old) => isSame(row, old) && row.taskId === old.taskId,
    );
    await insertAll(this.steps, added);
    await replaceAll(
      this.steps,
      changed.map(({ row, old }) => ({ ...row, id: old.id })),
    );
    return counts;
  }

  private async listForTheRest(): Promise<number> {
    const found = await this.lists.findOne({ where: { externalId: IsNull() }, order: { id: 'ASC' } });
    if (found) return found.id;
    const [list] = await insertAll(this.lists, [
      { title: WITHOUT_A_LIST, position: null, externalId: null, source: null },
    ]);
    return list!.id;
  }

  /**
   * Gives tasks the names and states of a new record. Answers how many of them were not as the last import had left
   * them.
   */
  private async rewriteTasks(
    changed: { row: TaskRow; old: Pick<TaskDetails, 'taskId' | 'source'> }[],
  ): Promise<number> {
    let overwritten = 0;
    for await (const part of parts(changed)) {
      const tasks = await rawRows(
        this.tasks,
        ['id', 'name', 'done'],
        'id',
        part.map(({ old }) => old.taskId),
      );
      const now = new Map(tasks.map((task) => [task.id, task]));
      const rewritten: Task[] = [];
      for (const { row, old } of part) {
        const task = now.get(old.taskId)!;
        const record = old.source === null ? undefined : toObject(old.source);
        // Without one nobody can tell any more.
        const before = (record && stateOf(record)) ?? task;
        if (!isLike(task, before)) overwritten += 1;
        if (!isLike(task, row)) rewritten.push({ id: old.taskId, name: row.name, done: row.done });
      }
      if (rewritten.length > 0) await this.updateTasks(rewritten);
    }
    return overwritten;
  }

  /** Many updates in one statement. Not `upsert`, which leaves a generated id out on PostgreSQL. */
  private async updateTasks(tasks: Task[]): Promise<void> {
    await this.tasks
      .createQueryBuilder()
      .insert()
      .into(Task, ['id', 'name', 'done'])
      .values(tasks)
      .orUpdate(['name', 'done'], ['id'])
      .updateEntity(false)
      .execute();
  }
}

/** A task that is not in the dump, so that its steps are somewhere. */
function placeholderFor(externalId: string): Omit<TaskRow, 'source'> & { source: null } {
  return {
    externalId,
    name: externalId === NO_ID ? 'Steps without a task' : `Steps of a missing task (${externalId})`,
    done: false,
    list: null,
    position: null,
    note: null,
    createdAt: null,
    createdZone: null,
    dueAt: null,
    dueZone: null,
    completedAt: null,
    completedZone: null,
    source: null,
  };
}

function detailsOf(
  { name: _name, done: _done, list: _list, ...row }: Omit<TaskRow, 'source'> & { source: string | null },
  taskId: number,
  listId: number,
) {
  return { ...row, taskId, listId };
}

/** SQLite's rows have 0 and 1 for false and true. */
const isLike = (a: Pick<Task, 'name' | 'done'>, b: Pick<Task, 'name' | 'done'>) =>
  a.name === b.name && Number(a.done) === Number(b.done);

const isKnown = (ids: Map<string, number>, id: string | null) => id !== null && ids.has(id);

function idsOf<Row>(rows: Map<string, Row>, id: (row: Row) => number): Map<string, number> {
  return new Map([...rows].map(([externalId, row]) => [externalId, id(row)]));
}
