import { TasksConfig } from '../config/tasks.config.js';
import { TaskDto } from '../tasks/dto/task.dto.js';
import { WriteTaskDto } from '../tasks/dto/write-task.dto.js';
import { ExportQueryDto } from '../tasks/export/dto/export-query.dto.js';
import type { AsanaReport } from '../tasks/export/export-files.js';
import { TasksExportService } from '../tasks/export/tasks-export.service.js';
import { UnreadableRows } from '../tasks/export/unreadable-rows.js';
import type { ImportReportDto } from '../tasks/import/dto/import-report.dto.js';
import { TasksImportService } from '../tasks/import/tasks-import.service.js';
import { Task } from '../tasks/task.entity.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { TasksService } from '../tasks/tasks.service.js';
import { CommandError } from './command-error.js';
import { inApplication } from './in-application.js';
import { type JsonOption, type LimitOption } from './options.js';
import { OutputFolder } from './output-folder.js';
import { firstRows, print, tableOf } from './output.js';
import { printable } from './printable.js';
import { readDto, withoutProblems } from './read-dto.js';
import { readInput } from './read-input.js';
import { refuseLeftOut } from './refuse-left-out.js';
import { repositoryOf } from './repository-of.js';

/** `daybook tasks list` */
export function list({ limit, ...options }: LimitOption & JsonOption): Promise<void> {
  return inApplication('daybook tasks list', TasksModule, async (application) => {
    const found = await repositoryOf(application, Task).find({ order: { id: 'ASC' }, take: limit + 1 });
    const tasks = firstRows(found, limit);
    print(tasks.map(TaskDto.from), tableOf(['id', 'done', 'name'], tasks), options);
  });
}

/** `daybook tasks add` */
export function add(name: string, { done, ...options }: { done: boolean } & JsonOption): Promise<void> {
  return inApplication('daybook tasks add', TasksModule, async (application) => {
    const task = await application.get(TasksService).create(readDto(WriteTaskDto, { name, done }));
    print(task, `Task ${task.id} is added.`, options);
  });
}

/** Of `daybook tasks import`. */
export interface ImportOptions extends JsonOption {
  readonly dryRun: boolean;
  readonly strict: boolean;
}

/** `daybook tasks import` */
export function importTasks(file: string, { dryRun, strict, ...options }: ImportOptions): Promise<void> {
  return inApplication('daybook tasks import', TasksModule, async (application) => {
    const limit = application.get(TasksConfig).importMaxBytes;
    const bytes = await readInput(file, limit, 'TASKS_IMPORT_MAX_BYTES');
    const report = await withoutProblems(() =>
      application.get(TasksImportService).run(bytes, { dry_run: dryRun, strict }),
    );
    print(report, textOf(report), options);
    refuseFaults(report);
  });
}

/** @throws CommandError where something of the file was left out */
function refuseFaults({ faulty, unreadable }: ImportReportDto): void {
  const told: string[] = [];
  if (faulty > 0) told.push(`Records at fault, which are left out: ${faulty}.`);
  if (unreadable > 0) told.push(`Values that cannot be read, which are left out: ${unreadable}.`);
  if (told.length > 0) throw new CommandError(told.join('\n'));
}

function textOf({
  dry_run,
  lists,
  tasks,
  steps,
  orphans,
  overwritten,
  faulty,
  faults,
  unreadable,
  unreadable_values,
  unused,
  unused_members,
}: ImportReportDto): string {
  const rows = Object.entries({ lists, tasks, steps }).map(([records, counts]) => ({ records, ...counts }));
  const lines = [tableOf(['records', 'new', 'changed', 'unchanged'], rows)];
  if (orphans.tasks > 0) lines.push(`${orphans.tasks} tasks without a list are in "${orphans.list}".`);
  if (orphans.steps > 0) lines.push(`${orphans.steps} steps without a task are in "${orphans.list}".`);
  if (overwritten > 0) {
    lines.push(`${overwritten} tasks were changed in Daybook, too, and are as in the file now.`);
  }
  for (const { store, index, id, problem } of faults) {
    lines.push(
      `Left out: ${[store, index, id && `(${id})`].filter((part) => part !== null).join(' ')}: ${problem}`,
    );
  }
  if (faulty > faults.length) lines.push(`And ${faulty - faults.length} more.`);
  for (const { store, index, id, value, problem } of unreadable_values) {
    lines.push(`Kept without a value: ${store} ${index} (${id}): ${problem}: ${value}`);
  }
  if (unreadable > unreadable_values.length) lines.push(`And ${unreadable - unreadable_values.length} more.`);
  if (unused > 0) {
    const names = unused_members.map(({ store, member, count }) =>
      member === null ? `${store} (${count})` : `${store}.${member} (${count})`,
    );
    const told = unused_members.reduce((sum, { count }) => sum + count, 0);
    if (unused > told) names.push(`${unused - told} of other names`);
    lines.push(`Kept for an export, and not used: ${names.join(', ')}.`);
  }
  if (dry_run) lines.push('This was a dry run: nothing was changed.');
  return lines.map((line, n) => (n === 0 ? line : printable(line))).join('\n');
}

/** Of `daybook tasks export`. */
export interface ExportOptions extends JsonOption {
  readonly format: ExportQueryDto['format'];
  readonly out: string;
  readonly timeZone: string;
  readonly safeCells: boolean;
  readonly force: boolean;
}

/** `daybook tasks export` */
export function exportTasks({
  format,
  out,
  timeZone,
  safeCells,
  force,
  ...options
}: ExportOptions): Promise<void> {
  const query = readDto(ExportQueryDto, { format, time_zone: timeZone, safe_cells: safeCells });
  return inApplication('daybook tasks export', TasksModule, async (application) => {
    const exports = application.get(TasksExportService);
    const unreadable = new UnreadableRows();
    const written = await OutputFolder.fill(out, { force }, async (output) => {
      if (format !== 'asana') {
        const name = `daybook-tasks.${format}`;
        await output.write(
          name,
          format === 'json' ? exports.json(unreadable) : exports.csv(query, unreadable),
        );
        return { files: [{ name }] };
      }
      const { files, report } = exports.asana(query, unreadable);
      for await (const { name, text } of files) await output.write(name, [text]);
      return report;
    });
    print(written, textOfFiles(written), options);
    refuseLeftOut(unreadable, 'Rows that are exported only as far as they can be read');
  });
}

function textOfFiles(report: AsanaReport | { files: { name: string }[] }): string {
  if (!('renamed' in report)) return report.files.map(({ name }) => `${name} is written.`).join('\n');
  const { files, renamed, empty } = report;
  return [
    tableOf(['name', 'list', 'rows'], files),
    ...renamed.map((one) => printable(`In "${one.list}" another "${one.from}" is called "${one.to}".`)),
    ...empty.map((title) => printable(`"${title}" has no tasks, and no file.`)),
  ].join('\n');
}
