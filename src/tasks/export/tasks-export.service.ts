import { Injectable, Logger, type StreamableFile } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { begin } from '../../http/json-stream.js';
import type { CsvOptions, ExportQueryDto } from './dto/export-query.dto.js';
import { toDumpJson } from './dump-json.js';
import type * as files from './export-files.js';
import type { AsanaReport, ExportFile } from './export-files.js';
import { UnreadableRows } from './unreadable-rows.js';

/**
 * Exports tasks, in forms that others take (docs/tasks-import-export.md). What makes the forms is loaded by the first
 * export.
 */
@Injectable()
export class TasksExportService {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** An export as the answer to a request. What is not sent yet is read while the client takes it. */
  async answer({ format, ...options }: ExportQueryDto): Promise<StreamableFile> {
    const { attachment, zip } = await import('./export-answers.js');
    const unreadable = new UnreadableRows();
    const begun = async <Part>(parts: AsyncGenerator<Part, void>) =>
      (await begin(logged(parts, unreadable))).all;
    if (format === 'json') {
      return attachment(await begun(this.json(unreadable)), 'application/json', 'daybook-tasks.json');
    }
    if (format === 'csv') {
      const all = await begun(this.csv(options, unreadable));
      return attachment(all, 'text/csv; charset=utf-8', 'daybook-tasks.csv');
    }
    const { files, report } = this.asana(options, unreadable);
    const { withReport } = await import('./export-files.js');
    return attachment(zip(await begun(withReport(files, report))), 'application/zip', 'daybook-asana.zip');
  }

  /** For Asana's CSV importer: files for each list. The report is whole when the last has been taken. */
  asana(
    options: CsvOptions,
    unreadable: UnreadableRows,
  ): { files: AsyncGenerator<ExportFile>; report: AsanaReport } {
    const report: AsanaReport = { time_zone: options.time_zone, files: [], renamed: [], empty: [] };
    return { files: asanaFiles(this.manager, options, report, unreadable), report };
  }

  /** One CSV of all tasks, by id. */
  csv(options: CsvOptions, unreadable: UnreadableRows): AsyncGenerator<string> {
    return plainCsv(this.manager, options, unreadable);
  }

  /** The JSON that an import takes. */
  json(unreadable: UnreadableRows): AsyncGenerator<string> {
    return toDumpJson(this.manager, unreadable);
  }
}

/** Tells in the log what could not be read: an answer that has begun has no other place for it. */
async function* logged<Part>(
  parts: AsyncGenerator<Part, void>,
  unreadable: UnreadableRows,
): AsyncGenerator<Part, void> {
  yield* parts;
  if (unreadable.count === 0) return;
  const more = unreadable.count - unreadable.first.length;
  const rows = [...unreadable.first, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  new Logger('TasksExport').warn(
    `An export has ${unreadable.count} rows only as far as they can be read: ${rows}`,
  );
}

async function* asanaFiles(...what: Parameters<typeof files.asanaFiles>): AsyncGenerator<ExportFile> {
  yield* (await import('./export-files.js')).asanaFiles(...what);
}

async function* plainCsv(...what: Parameters<typeof files.plainCsv>): AsyncGenerator<string> {
  yield* (await import('./export-files.js')).plainCsv(...what);
}
