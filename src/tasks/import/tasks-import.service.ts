import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ProblemException } from '../../http/problems.js';
import type { ImportQueryDto } from './dto/import-query.dto.js';
import type { ImportReportDto } from './dto/import-report.dto.js';
import { DumpError } from './dump-error.js';
import { type JsonObject, readDump } from './dump.js';
import { ImportWriter, type Written } from './import-writer.js';
import { type FaultyRecord, MAX_FAULTS, type PreparedDump, prepareDump } from './prepare.js';
import { type MergedStore, StoresWriter } from './stores-writer.js';

/** Ends a transaction that was only tried out. */
class TakenBack {
  constructor(readonly written: Written) {}
}

/** Imports what Microsoft To Do keeps in a browser (docs/tasks-import-export.md). */
@Injectable()
export class TasksImportService {
  constructor(
    private readonly writer: ImportWriter,
    private readonly stores: StoresWriter,
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
    if (strict) refuseFaults(dump);
    const stores = await this.stores.merge(dump.stores);
    const write = () => this.writeAll(dump, stores, strict);
    const written = await (dry_run ? this.tryOut(write) : this.dataSource.transaction(write));
    const { conflicts, ...counts } = written;
    const { faults, unreadable, unused } = dump;
    for (const { store } of conflicts) unused.removeStore(store);
    return {
      dry_run,
      ...counts,
      faulty: faults.count + conflicts.length,
      faults: [...conflicts, ...faults.first].slice(0, MAX_FAULTS),
      unreadable: unreadable.count,
      unreadable_values: unreadable.first,
      unused: unused.count,
      unused_members: unused.first,
    };
  }

  private async writeAll(dump: PreparedDump, stores: MergedStore[], strict: boolean): Promise<Written> {
    const written = await this.writer.write(dump, stores);
    if (strict) refuse(written.conflicts);
    return written;
  }

  /** Does all of it and takes it back, so that the report is what the import would say. */
  private async tryOut(write: () => Promise<Written>): Promise<Written> {
    try {
      return await this.dataSource.transaction(async () => {
        throw new TakenBack(await write());
      });
    } catch (error) {
      if (error instanceof TakenBack) return error.written;
      throw error;
    }
  }
}

function refuseFaults({ faults, unreadable }: PreparedDump): void {
  refuse([...faults.first, ...unreadable.first].slice(0, MAX_FAULTS));
}

/** @throws ProblemException 422 where there are any */
function refuse(faults: readonly (FaultyRecord & { member?: string })[]): void {
  if (faults.length === 0) return;
  throw new ProblemException('validation-failed', {
    faults: faults.map(({ store, index, id, member, problem }) => ({
      loc: ['body', store, ...(index === null ? [] : [index]), ...(member === undefined ? [] : [member])],
      msg: id === null ? problem : `${problem} (${id})`,
      type: 'faulty_record',
    })),
  });
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
