import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip } from 'node:zlib';
import { isId } from '../schema/ids.js';
import { migrationNames } from '../schema/migrations.js';
import { boundedLines, LineTooLongError } from '../files/bounded-lines.js';
import { explainFileFailure, FileError } from '../files/file-error.js';
import {
  type Counts,
  EXPORT_FORMAT,
  EXPORT_FORMAT_VERSION,
  type ExportEnd,
  type ExportHead,
  type ExportTable,
  MAX_LINE_BYTES,
} from './export-format.js';
import { faultOf } from './row-faults.js';
import { TransferError } from './transfer-error.js';
import type { TransferColumn, TransferTable } from './transfer-tables.js';

/** Some rows of one table, as JSON arrays. */
export interface RowBatch {
  readonly table: TransferTable;
  /** Those that the rows have, in their order. */
  readonly columns: readonly TransferColumn[];
  readonly lastId: number;
  /** None where the table has none. */
  readonly rows: readonly string[];
  /** The line of the file that the first of them is. */
  readonly line: number;
}

/** So many rows are handed on together, or fewer where they are large. */
const BATCH_ROWS = 1_000;
const BATCH_CHARACTERS = 1_048_576;

/** Reads the file of an export, which is not trusted: each line is checked before it is handed on. */
export class ExportReader {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly counts: Record<string, number> = {};
  private hash = createHash('sha256');
  private lineNumber = 0;
  private current?: RowBatch & { rows: string[]; characters: number };
  private head?: ExportHead;
  private end?: ExportEnd;

  /** @param tables the tables that rows can go to */
  constructor(
    private readonly file: string,
    private readonly tables: readonly TransferTable[],
    private readonly onProgress: (doneBytes: number, allBytes: number) => void = () => undefined,
  ) {}

  /**
   * The rows in the order of the file. When the last batch has come, the file was whole.
   *
   * @throws FileError, TransferError where it cannot be read or is not as an export is
   */
  async *batches(signal?: AbortSignal): AsyncGenerator<RowBatch> {
    try {
      for await (const lines of boundedLines(await this.open(signal), MAX_LINE_BYTES)) {
        for (const line of lines) yield* this.take(line);
      }
    } catch (error) {
      throw this.explain(error);
    }
    if (!this.end) throw this.refuse(`ends after line ${this.lineNumber}, and is not whole`);
  }

  /** Rows by table, once all batches have come. */
  get rows(): Counts {
    return this.counts;
  }

  private async open(signal?: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const found = await stat(this.file);
    // It is read twice.
    if (!found.isFile()) throw new FileError(`${this.file} is not a file.`);
    const bytes = createReadStream(this.file, { signal, highWaterMark: 262_144 });
    let done = 0;
    bytes.on('data', (chunk) => this.onProgress((done += chunk.length), found.size));
    // Else `data` would begin to flow before anybody reads.
    bytes.pause();
    return this.file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  }

  private *take(bytes: Buffer): Generator<RowBatch> {
    this.lineNumber += 1;
    if (this.end) throw this.refuse('goes on after its end', true);
    const text = this.decode(bytes);
    const value = this.parse(text);
    if (Array.isArray(value)) {
      yield* this.takeRow(value);
    } else if (!this.head) {
      this.head = this.checkHead(value);
    } else {
      // Also without rows, as a table that has none has a last id.
      if (this.current) yield this.current;
      if ('sha256' in value) this.end = this.checkEnd(value as ExportEnd);
      else this.current = this.beginTable(value as ExportTable);
    }
    if (!this.end) this.hash.update(bytes).update('\n');
  }

  private decode(bytes: Buffer): string {
    try {
      return this.decoder.decode(bytes);
    } catch {
      throw this.notExport() ?? this.refuse('is not UTF-8', true);
    }
  }

  private parse(text: string): object {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    if (typeof value === 'object' && value !== null) return value;
    throw this.notExport() ?? this.refuse('is not JSON', true);
  }

  /** Nothing of the first line can be made out: it is another file. */
  private notExport(): TransferError | undefined {
    return this.lineNumber === 1 ? this.refuse('is no export of Daybook') : undefined;
  }

  private checkHead(value: object): ExportHead {
    const head = value as Partial<ExportHead>;
    if (head.format !== EXPORT_FORMAT) throw this.refuse('is no export of Daybook');
    const { formatVersion, version, migration } = head;
    if (![formatVersion, version, migration].every(isShort)) throw this.refuse('is no export of Daybook');
    if (formatVersion !== EXPORT_FORMAT_VERSION || !migrationNames().includes(String(migration))) {
      throw this.refuse(
        `is of Daybook ${String(version)}, which is newer than this one (format ${String(formatVersion)}, ` +
          `schema ${String(migration)}): import it with that version`,
      );
    }
    return head as ExportHead;
  }

  private beginTable({ table: name, columns: names, lastId }: ExportTable): typeof this.current {
    const named = isShort(name) && Array.isArray(names) && names.every(isShort);
    if (!named || !(lastId === 0 || isId(lastId))) throw this.refuse('does not begin a table', true);
    const table = this.tables.find((one) => one.name === name);
    if (!table) throw this.refuse(`is of a table that this Daybook does not have: ${name}`, true);
    if (name in this.counts) throw this.refuse(`begins the table ${name} again`, true);
    const columns = names.map((column) => {
      const known = table.columns.find((one) => one.name === column);
      if (known) return known;
      throw this.refuse(`has a column that this Daybook does not have: ${name}.${column}`, true);
    });
    const missing = table.columns.find((column) => !column.optional && !names.includes(column.name));
    if (missing) throw this.refuse(`has no column ${name}.${missing.name}, which has no default`, true);
    if (new Set(names).size < names.length) throw this.refuse('names a column twice', true);
    this.counts[name] = 0;
    return { table, columns, lastId, rows: [], characters: 0, line: this.lineNumber + 1 };
  }

  private *takeRow(row: readonly unknown[]): Generator<RowBatch> {
    const { current } = this;
    if (!current) throw this.notExport() ?? this.refuse('is a row of no table', true);
    const fault = faultOf(row, current.columns);
    if (fault !== undefined) throw this.refuse(`is no row of ${current.table.name}: ${fault}`, true);
    // Written anew, as 1e0 is an integer of JSON and none of PostgreSQL.
    const text = JSON.stringify(row);
    current.rows.push(text);
    current.characters += text.length;
    this.counts[current.table.name] = (this.counts[current.table.name] ?? 0) + 1;
    if (current.rows.length >= BATCH_ROWS || current.characters >= BATCH_CHARACTERS) {
      yield current;
      this.current = { ...current, rows: [], characters: 0, line: this.lineNumber + 1 };
    }
  }

  private checkEnd({ rows, sha256 }: ExportEnd): ExportEnd {
    if (sha256 !== this.hash.digest('hex') || !isDeepStrictEqual(rows, this.counts)) {
      throw this.refuse('was altered or damaged: it does not agree with the checksum in its last line');
    }
    return { rows, sha256 };
  }

  private refuse(what: string, atLine = false): TransferError {
    return new TransferError(
      atLine ? `${this.file}: line ${this.lineNumber} ${what}.` : `${this.file} ${what}.`,
    );
  }

  private explain(error: unknown): unknown {
    if (error instanceof LineTooLongError) {
      return new TransferError(
        `${this.file}: line ${error.lineNumber} is longer than ${error.maxBytes} bytes.`,
      );
    }
    if (/^Z_|^ERR_ZLIB/.test(String((error as { code?: unknown }).code))) {
      return this.refuse('is no whole gzip file');
    }
    return explainFileFailure(error, `${this.file} cannot be read`);
  }
}

/** What may be repeated in a message. */
const isShort = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= 100);
