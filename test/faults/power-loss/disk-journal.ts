import { appendFileSync, readFileSync } from 'node:fs';

const SECTOR = 512;
const HEAD = 16;

/** What has happened to a file, or `A`: what a client was told. */
interface Event {
  readonly type: 'A' | 'E' | 'O' | 'S' | 'T' | 'U' | 'W';
  readonly file: number;
  readonly offset: number;
  readonly data: Buffer;
}

/** What journal.c has recorded, and what a disk may hold of it when the power goes. */
export class DiskJournal {
  private readonly events: Event[] = [];

  constructor(file: string) {
    const bytes = readFileSync(file);
    for (let at = 0; at + HEAD <= bytes.length;) {
      const length = bytes.readUInt32LE(at + 12);
      this.events.push({
        type: String.fromCharCode(bytes[at]!) as Event['type'],
        file: bytes[at + 1]!,
        offset: Number(bytes.readBigUInt64LE(at + 4)),
        data: bytes.subarray(at + HEAD, at + HEAD + length),
      });
      at += HEAD + length;
    }
  }

  /** Adds what a client was told. To be called when it was told, and by its own process. */
  static acknowledge(file: string, text: string): void {
    const data = Buffer.from(text);
    const head = Buffer.alloc(HEAD);
    head.write('A');
    head.writeUInt32LE(data.length, 12);
    appendFileSync(file, Buffer.concat([head, data]));
  }

  get length(): number {
    return this.events.length;
  }

  /** How many syncs have ended. */
  get syncs(): number {
    return this.events.filter(({ type }) => type === 'E').length;
  }

  /** What was acknowledged before an event. */
  acknowledged(end: number): Set<string> {
    const told = this.events.slice(0, end).filter(({ type }) => type === 'A');
    return new Set(told.map(({ data }) => data.toString()));
  }

  /**
   * The files by their names, as the power goes before an event. What was written before a sync that has ended is there;
   * of all else each write by chance, a part of one too, as a disk has an order of its own.
   */
  filesAfterPowerLoss(end: number, random: () => number): Map<string, Buffer> {
    const files = new Map<number, { name: string; content: Disk }>();
    const safe = this.safeBefore(end);
    for (const [n, event] of this.events.slice(0, end).entries()) {
      const { type, file, data } = event;
      if (type === 'O') files.set(file, { name: data.toString(), content: new Disk() });
      if (type === 'U') files.delete(file);
      const content = files.get(file)?.content;
      const isSafe = n < (safe.get(file) ?? 0);
      if (!content || (!isSafe && random() < 0.5)) continue;
      if (type === 'T') content.cut(event.offset);
      if (type === 'W') content.write(event.offset, isSafe || random() < 0.8 ? data : torn(data, random));
    }
    return new Map(files.values().map(({ name, content }) => [name, content.bytes]));
  }

  /** For each file where the last sync began that has ended. */
  private safeBefore(end: number): Map<number, number> {
    const begun = new Map<number, number>();
    const safe = new Map<number, number>();
    for (const [n, { type, file, offset }] of this.events.slice(0, end).entries()) {
      if (type === 'S') begun.set(offset, n);
      if (type === 'E') safe.set(file, Math.max(safe.get(file) ?? 0, begun.get(offset)!));
    }
    return safe;
  }
}

/** The first sectors of a write. */
function torn(data: Buffer, random: () => number): Buffer {
  return data.subarray(0, SECTOR * Math.floor((random() * data.length) / SECTOR));
}

/** A file that grows. */
class Disk {
  private buffer = Buffer.alloc(1 << 16);
  private size = 0;

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  write(offset: number, data: Buffer): void {
    const end = offset + data.length;
    while (end > this.buffer.length) {
      this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.buffer.length)]);
    }
    data.copy(this.buffer, offset);
    this.size = Math.max(this.size, end);
  }

  cut(size: number): void {
    this.buffer.fill(0, size);
    this.size = Math.min(this.size, size);
  }
}
