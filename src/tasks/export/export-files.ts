import type { EntityManager } from 'typeorm';
import { WITHOUT_A_LIST } from '../import/import-writer.js';
import { TaskList } from '../task-list.entity.js';
import { allRows, allTasks, tasksOf, type WholeTask } from '../whole-tasks.js';
import { ASANA_COLUMNS, type Renaming, toAsanaRows, toFiles } from './asana-rows.js';
import { toCsv } from './csv.js';
import type { CsvOptions } from './dto/export-query.dto.js';
import { FileNames } from './file-names.js';
import { readableTasks } from './readable-tasks.js';
import { PLAIN_COLUMNS, type PlainRow, toPlainRows } from './plain-rows.js';
import { TimeSlice } from './time-slice.js';
import type { UnreadableRows } from './unreadable-rows.js';

/** A file of an export, whole. */
export interface ExportFile {
  readonly name: string;
  readonly text: string;
}

/** What an export in Asana's form has made of the tasks. */
export interface AsanaReport {
  readonly time_zone: string;
  readonly files: { readonly name: string; readonly list: string; readonly rows: number }[];
  /** Titles that occurred twice in a list. */
  readonly renamed: ({ readonly list: string } & Renaming)[];
  /** Lists without a task have no file. */
  readonly empty: string[];
  /** What could not be read, and is left out; missing where all could be. */
  unreadable?: readonly string[];
}

/** Files for Asana's CSV importer, some for each list. Fills in the report, which is whole when the last has been taken. */
export async function* asanaFiles(
  manager: EntityManager,
  { time_zone, safe_cells }: CsvOptions,
  report: AsanaReport,
  unreadable: UnreadableRows,
): AsyncGenerator<ExportFile> {
  const names = new FileNames();
  for (const { id, title, andTheRest } of await listsOf(manager, unreadable)) {
    const tasks: WholeTask[] = [];
    const pages = tasksOf(manager, { id, andTheRest });
    for await (const page of readableTasks(pages, unreadable)) tasks.push(...page);
    const { groups, renamed } = await toAsanaRows(tasks, time_zone);
    report.renamed.push(...renamed.map((one) => ({ list: title, ...one })));
    if (tasks.length === 0 && !andTheRest) report.empty.push(title);
    for (const rows of toFiles(groups)) {
      const name = names.next(title, '.csv');
      report.files.push({ name, list: title, rows: rows.length });
      yield { name, text: toCsv(ASANA_COLUMNS, rows, { safeCells: safe_cells, header: true }) };
    }
  }
  if (unreadable.count > 0) report.unreadable = unreadable.first;
}

/** The files, and the report as the last of them. */
export async function* withReport(
  files: AsyncIterable<ExportFile>,
  report: AsanaReport,
): AsyncGenerator<ExportFile> {
  yield* files;
  yield { name: 'report.json', text: `${JSON.stringify(report, null, 2)}\n` };
}

/** All lists by id, those without an external id last: the last of these has the tasks that were never in any, too. */
async function listsOf(manager: EntityManager, unreadable: UnreadableRows) {
  const lists: { id: number | null; title: string; andTheRest: boolean }[] = [];
  const own: typeof lists = [];
  for await (const page of allRows(manager, TaskList)) {
    for (const { id, title: given, externalId } of page) {
      const title = unreadable.text(`list ${id}`, 'title', given) ?? '';
      (externalId === null ? own : lists).push({ id, title, andTheRest: false });
    }
  }
  const rest = { ...(own.pop() ?? { id: null, title: WITHOUT_A_LIST }), andTheRest: true };
  return [...lists, ...own, rest];
}

/** One CSV of all tasks, by id. */
export async function* plainCsv(
  manager: EntityManager,
  { time_zone, safe_cells }: CsvOptions,
  unreadable: UnreadableRows,
): AsyncGenerator<string> {
  yield toCsv(PLAIN_COLUMNS, [], { safeCells: safe_cells, header: true });
  const csv = (rows: PlainRow[]) => toCsv(PLAIN_COLUMNS, rows, { safeCells: safe_cells, header: false });
  const slice = new TimeSlice();
  for await (const page of readableTasks(allTasks(manager), unreadable)) {
    let rows: PlainRow[] = [];
    for (const task of page) {
      for (const row of toPlainRows(task, time_zone)) {
        rows.push(row);
        if (!slice.isOver()) continue;
        yield csv(rows);
        rows = [];
        await slice.next();
      }
    }
    yield csv(rows);
  }
}
