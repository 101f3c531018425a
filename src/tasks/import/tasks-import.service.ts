import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ProblemException } from '../../http/problems.js';
import type { ImportQueryDto } from './dto/import-query.dto.js';
import type { ImportReportDto } from './dto/import-report.dto.js';
import { DumpError, type JsonObject, readDump } from './dump.js';
import { ImportWriter, type Written } from './import-writer.js';
import { prepareDump } from './prepare.js';

/** How many faults are told one by one. */
const MAX_FAULTS = 1_000;

/** Ends a transaction that was only tried out. */
class TakenBack {
  constructor(readonly written: Written) {}
}

/** Imports what Microsoft To Do keeps in a browser (docs/tasks-import-export.md). */
@Injectable()
export class TasksImportService {
  constructor(
    private readonly writer: ImportWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Imports a dump, all of its good records in one transaction.
   *
   * @param bytes the file: an object of object stores in JSON, in UTF-8
   * @throws ProblemException 422 where it is no dump, or where a record is at fault and the import is strict
   */
  async run(bytes: Uint8Array, { dry_run, strict }: ImportQueryDto): Promise<ImportReportDto> {
    // Before the transaction, which keeps others from writing.
    const dump = await prepareDump(read(bytes));
    const faults = dump.faults.slice(0, MAX_FAULTS);
    if (strict && faults.length > 0) {
      throw new ProblemException('validation-failed', {
        faults: faults.map(({ store, index, id, problem }) => ({
          loc: ['body', store, ...(index === null ? [] : [index])],
          msg: id === null ? problem : `${problem} (${id})`,
          type: 'faulty_record',
        })),
      });
    }
    const written = await (dry_run
      ? this.tryOut(dump)
      : this.dataSource.transaction(() => this.writer.write(dump)));
    return { dry_run, ...written, faulty: dump.faults.length, faults };
  }

  /** Does all of it and takes it back, so that the report is what the import would say. */
  private async tryOut(dump: Parameters<ImportWriter['write']>[0]): Promise<Written> {
    try {
      return await this.dataSource.transaction(async () => {
        throw new TakenBack(await this.writer.write(dump));
      });
    } catch (error) {
      if (error instanceof TakenBack) return error.written;
      throw error;
    }
  }
}

function read(bytes: Uint8Array): JsonObject {
  try {
    return readDump(bytes);
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
    throw new ProblemException('validation-failed', {
      faults: [{ loc: ['body'], msg: error.message, type: 'json_invalid' }],
    });
  }
}
