import { setImmediate as nextTurn } from 'node:timers/promises';
import { isoNow } from '../../clock.js';
import type { Fault } from '../../http/problems.js';
import { DtoReader } from '../../http/validation/dto-reader.js';
import { IngestLogDto } from '../dto/ingest.dto.js';
import type { BodyItems, Item } from './body-items.js';

/** How many faults are told. All of them are counted. */
const MAX_ERRORS = 100;

/** After so many items others have a turn. */
const TURN_ITEMS = 250;

/** Fatal: bytes that are not UTF-8 are a fault, not a replacement character. It drops a byte order mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const dtos = new DtoReader('body', IngestLogDto);

export interface NewEntry {
  readonly message: string;
  readonly timestamp: string;
}

/** Reads log entries from a body, and notes what is wrong with those that have faults. */
export class EntryReader {
  /** How many lines or elements have faults, and the first of these. */
  readonly faults: { failed: number; readonly errors: Fault[] } = { failed: 0, errors: [] };
  /** How many bytes were read. */
  bytes = 0;

  constructor(
    private readonly items: BodyItems,
    private readonly chunks: AsyncIterable<Buffer>,
  ) {}

  /** Whether the body has ended where it must not, or goes on as it must not. */
  get broken(): boolean {
    return this.items.broken !== undefined;
  }

  /** The entries without faults, some at a time. All of the body is read, so that all faults are counted. */
  async *batches(maxRows: number, maxBytes: number): AsyncGenerator<NewEntry[], void> {
    let batch: NewEntry[] = [];
    let size = 0;
    let count = 0;
    for await (const items of this.parts()) {
      for (const item of items) {
        // A fault costs more than an entry, and a chunk may have very many.
        if ((count += 1) % TURN_ITEMS === 0) await nextTurn();
        const entry = this.read(item);
        if (!entry) continue;
        batch.push(entry);
        size += item.bytes?.length ?? 0;
        if (batch.length < maxRows && size < maxBytes) continue;
        yield batch;
        batch = [];
        size = 0;
      }
    }
    if (this.items.broken) this.note(this.items.broken.number, [bodyFault(this.items.broken.reason)]);
    if (batch.length > 0) yield batch;
  }

  private async *parts(): AsyncGenerator<Item[], void> {
    for await (const chunk of this.chunks) {
      this.bytes += chunk.length;
      yield this.items.push(chunk);
    }
    yield this.items.end();
  }

  private read({ number, bytes }: Item): NewEntry | undefined {
    const faults: Fault[] = [];
    const { message, timestamp } = dtos.read(parse(bytes, faults), faults) as IngestLogDto;
    if (faults.length === 0) return { message, timestamp: timestamp ?? isoNow() };
    // What is no JSON at all has no fields that could be missing.
    this.note(
      number,
      bytes === undefined || faults[0]?.type === 'json_invalid' ? faults.slice(0, 1) : faults,
    );
    return undefined;
  }

  private note(number: number, faults: Fault[]): void {
    this.faults.failed += 1;
    for (const { loc, ...fault } of faults) {
      if (this.faults.errors.length === MAX_ERRORS) return;
      this.faults.errors.push({ loc: ['body', number, ...loc.slice(1)], ...fault });
    }
  }
}

function parse(bytes: Buffer | undefined, faults: Fault[]): unknown {
  if (!bytes) {
    faults.push({ loc: ['body'], msg: 'It is longer than one may be', type: 'too_long' });
    return null;
  }
  try {
    return JSON.parse(UTF_8.decode(bytes));
  } catch {
    // V8's message repeats the input.
    faults.push(bodyFault('JSON decode error'));
    return null;
  }
}

const bodyFault = (msg: string): Fault => ({ loc: ['body'], msg, type: 'json_invalid' });
