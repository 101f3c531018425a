import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { DatabaseConfig } from '../../config/database.config.js';
import { HttpConfig } from '../../config/http.config.js';
import { BulkInsert, isUnavailable } from '../../database/index.js';
import { NDJSON } from '../../http/json-lines.js';
import { ProblemException, type ProblemMembers } from '../../http/problems.js';
import type { BodyStream } from '../../http/streamed-body.js';
import type { IngestReportDto } from '../dto/ingest.dto.js';
import { LogEntry } from '../log-entry.entity.js';
import { LogStream } from '../stream/log-stream.js';
import { type BodyItems, Elements, LinesOrElements } from './body-items.js';
import { EntryReader, type NewEntry } from './entry-reader.js';

/** What is written in one go. On SQLite the process does nothing else meanwhile: some 2 ms. */
const BATCH_ROWS = 500;
const BATCH_BYTES = 1_048_576;

/** What one transaction takes. Other writes wait for it on SQLite, and it waits in memory for the body's end. */
const ATOMIC_ROWS = 250_000;
const ATOMIC_BYTES = 67_108_864;
const ATOMIC_AT_ONCE = 2;
/** How long it may take to come, so that two clients who send nothing do not keep all others away. */
const ATOMIC_MS = 60_000;

/** The part of the time limit of a transaction after which it is given up in words. */
const TIME_SHARE = 0.8;

/** Takes many log entries from one body. */
@Injectable()
export class LogIngest {
  private readonly rows: BulkInsert<LogEntry>;
  private atomicNow = 0;

  constructor(
    @InjectRepository(LogEntry) logs: Repository<LogEntry>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly stream: LogStream,
    private readonly http: HttpConfig,
    private readonly database: DatabaseConfig,
  ) {
    this.rows = new BulkInsert(logs, ['message', 'timestamp']);
  }

  /**
   * Keeps the entries of a body: those without faults as they come, or all of them in the end or none.
   *
   * @throws ProblemException where the body is of another type or is broken as a whole, or all entries have faults, and
   * for all or none, where one has faults or there are more than one transaction takes
   */
  async ingest(body: BodyStream, atomic: boolean): Promise<IngestReportDto> {
    const items = this.itemsOf(body.mediaType);
    return atomic
      ? this.allOrNone(new EntryReader(items, body.read(ATOMIC_MS)))
      : this.asTheyCome(new EntryReader(items, body.read()));
  }

  private itemsOf(mediaType: string): BodyItems {
    const maxBytes = this.http.maxBodyBytes;
    if (mediaType === NDJSON) return new LinesOrElements(maxBytes);
    if (mediaType === 'application/json') return new Elements(maxBytes);
    throw new ProblemException('unsupported-bulk-type');
  }

  /** Writes a batch while the next one is read. */
  private async asTheyCome(reader: EntryReader): Promise<IngestReportDto> {
    let created = 0;
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const batch of reader.batches(BATCH_ROWS, BATCH_BYTES)) {
        await writing;
        writing = this.write(batch).then((count) => void (created += count));
        // Somebody waits for it in the next round; until then its failure is nobody's.
        writing.catch(() => undefined);
      }
      await writing;
    } catch (error) {
      // What is still being written counts, too.
      const isWritten = await writing.then(
        () => true,
        () => false,
      );
      if (created === 0) throw error;
      throw behindKept(error, isWritten, { created, failed: reader.faults.failed });
    }
    const report = { created, ...reader.faults };
    const refused = created === 0 && report.failed > 0 && 'bulk-refused';
    const code = reader.broken ? 'bulk-broken' : refused;
    if (code) throw new ProblemException(code, { faults: report.errors, members: report });
    return report;
  }

  private async write(batch: readonly NewEntry[]): Promise<number> {
    await this.rows.insert(batch);
    this.stream.wake();
    return batch.length;
  }

  private async allOrNone(reader: EntryReader): Promise<IngestReportDto> {
    if (this.atomicNow >= ATOMIC_AT_ONCE) throw new ProblemException('too-busy');
    this.atomicNow += 1;
    try {
      const batches = await this.collect(reader);
      const { failed, errors } = reader.faults;
      if (failed > 0) {
        throw new ProblemException('bulk-refused', { faults: errors, members: { created: 0, failed } });
      }
      await this.dataSource.transaction(() => this.insertAll(batches));
      this.stream.wake();
      return { created: batches.reduce((sum, { length }) => sum + length, 0), failed, errors };
    } finally {
      this.atomicNow -= 1;
    }
  }

  /** All entries; behind the first fault none, as none will be kept. */
  private async collect(reader: EntryReader): Promise<NewEntry[][]> {
    const batches: NewEntry[][] = [];
    let rows = 0;
    for await (const batch of reader.batches(BATCH_ROWS, BATCH_BYTES)) {
      rows += batch.length;
      if (rows > ATOMIC_ROWS || reader.bytes > ATOMIC_BYTES) throw new ProblemException('bulk-too-large');
      if (reader.faults.failed === 0) batches.push(batch);
      else batches.length = 0;
    }
    return batches;
  }

  private async insertAll(batches: readonly NewEntry[][]): Promise<void> {
    const end = performance.now() + this.database.writeLimitMs * TIME_SHARE;
    for (const batch of batches) {
      if (performance.now() > end) throw new ProblemException('bulk-too-large');
      await this.rows.insert(batch);
      // Reads go on meanwhile.
      await nextTurn();
    }
  }
}

/** What ends a body of which entries are kept: with their number, and never so that all of it is sent again. */
function behindKept(error: unknown, isWritten: boolean, members: ProblemMembers): unknown {
  if (error instanceof ProblemException) return new ProblemException(error.code, { members });
  // The error of a client that breaks off reads like that of a lost database.
  const isUnknown = !isWritten && isUnavailable(error);
  return isUnknown ? new ProblemException('outcome-unknown', { members, cause: error }) : error;
}
