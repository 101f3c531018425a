import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { begin } from '../../http/json-stream.js';
import type { CsvOptions, ExportQueryDto } from './dto/export-query.dto.js';
import { toDumpJson } from './dump-json.js';
import type * as files from './export-files.js';
import type { AsanaReport, ExportFile } from './export-files.js';

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
    if (format === 'json') {
      const { all } = await begin(this.json());
      return attachment(all, 'application/json', 'daybook-tasks.json');
    }
    if (format === 'csv') {
      const { all } = await begin(this.csv(options));
      return attachment(all, 'text/csv; charset=utf-8', 'daybook-tasks.csv');
    }
    const { files, report } = this.asana(options);
    const { withReport } = await import('./export-files.js');
    const { all } = await begin(withReport(files, report));
    return attachment(zip(all), 'application/zip', 'daybook-asana.zip');
  }

  /** For Asana's CSV importer: files for each list. The report is whole when the last has been taken. */
  asana(options: CsvOptions): { files: AsyncGenerator<ExportFile>; report: AsanaReport } {
    const report: AsanaReport = { time_zone: options.time_zone, files: [], renamed: [], empty: [] };
    return { files: asanaFiles(this.manager, options, report), report };
  }

  /** One CSV of all tasks, by id. */
  csv(options: CsvOptions): AsyncGenerator<string> {
    return plainCsv(this.manager, options);
  }

  /** The JSON that an import takes. */
  json(): AsyncGenerator<string> {
    return toDumpJson(this.manager);
  }
}

async function* asanaFiles(...what: Parameters<typeof files.asanaFiles>): AsyncGenerator<ExportFile> {
  yield* (await import('./export-files.js')).asanaFiles(...what);
}

async function* plainCsv(...what: Parameters<typeof files.plainCsv>): AsyncGenerator<string> {
  yield* (await import('./export-files.js')).plainCsv(...what);
}
