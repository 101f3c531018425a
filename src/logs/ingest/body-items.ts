/** A line of a body, or an element of its JSON array. */
export interface Item {
  /** Counted from 1; of lines the empty ones, too, as an editor does. */
  readonly number: number;
  /** Nothing, where it has more bytes than one may have. */
  readonly bytes?: Buffer;
}

/** Cuts a body that comes in chunks into items, each a JSON text by itself, without keeping more than one of them. */
export interface BodyItems {
  /** The items that end in a chunk. */
  push(chunk: Buffer): Item[];
  /** Those behind the last chunk. */
  end(): Item[];
  /** Where the body breaks the form that it has as a whole: nothing is read behind that. */
  readonly broken?: { readonly number: number; readonly reason: string };
}

const [TAB, LINE_FEED, CARRIAGE_RETURN, BLANK, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c];
const [OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

const NOTHING: Buffer = Buffer.alloc(0);

const isBlank = (byte: number): boolean =>
  byte === BLANK || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;

/** What there is of an item so far, as long as it is not too large. */
class Collected {
  private bytes = NOTHING;
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  add(piece: Buffer): void {
    const { length } = this;
    if (piece.length === 0) return;
    this.length += piece.length;
    if (this.length > this.maxBytes) this.bytes = NOTHING;
    // Most items are whole in one chunk and need not be copied.
    else if (length === 0) this.bytes = piece;
    else this.append(piece, length);
  }

  /** All of it, or nothing where that was too much; the next item begins. */
  take(): Buffer | undefined {
    const { bytes, length } = this;
    const whole = bytes.length === length ? bytes : bytes.subarray(0, length);
    const item = length > this.maxBytes ? undefined : whole;
    this.bytes = NOTHING;
    this.length = 0;
    return item;
  }

  /** Whether nothing but blanks has come. */
  get blank(): boolean {
    if (this.length > this.maxBytes) return false;
    for (let at = 0; at < this.length; at += 1) if (!isBlank(this.bytes[at]!)) return false;
    return true;
  }

  /** Chunks may be of one byte each: a list of them would take a hundred times as much memory. */
  private append(piece: Buffer, at: number): void {
    if (this.bytes.length < this.length || at === this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.length);
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    piece.copy(this.bytes, at);
  }
}

/** The lines of a body. Empty ones are passed over. */
export class Lines implements BodyItems {
  private readonly line: Collected;
  private number = 1;

  /** @param maxBytes how long a line may be */
  constructor(maxBytes: number) {
    // A carriage return before the line's end is no part of it.
    this.line = new Collected(maxBytes + 1);
  }

  push(chunk: Buffer): Item[] {
    const items: Item[] = [];
    let begin = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, begin)) {
      this.line.add(chunk.subarray(begin, end));
      this.take(items);
      this.number += 1;
      begin = end + 1;
    }
    this.line.add(chunk.subarray(begin));
    return items;
  }

  end(): Item[] {
    const items: Item[] = [];
    this.take(items);
    return items;
  }

  private take(items: Item[]): void {
    const { blank } = this.line;
    const bytes = this.line.take();
    if (!blank) items.push({ number: this.number, bytes });
  }
}

/** The elements of a body that is one JSON array. What an element is made of is not looked at. */
export class Elements implements BodyItems {
  broken?: BodyItems['broken'];
  private readonly element: Collected;
  private number = 0;
  private where: 'before' | 'inside' | 'behind' = 'before';
  private inString = false;
  private escaped = false;
  private depth = 0;
  private mark = 0;

  /** @param maxBytes how long an element may be */
  constructor(maxBytes: number) {
    this.element = new Collected(maxBytes);
  }

  /** Whether the array has begun. */
  get begun(): boolean {
    return this.where !== 'before';
  }

  push(chunk: Buffer): Item[] {
    const items: Item[] = [];
    let begin = 0;
    for (let at = 0; at < chunk.length && !this.broken; at += 1) {
      const byte = chunk[at]!;
      if (this.where !== 'inside') {
        this.outside(byte);
        begin = at + 1;
      } else if (this.endsElement(byte)) {
        this.element.add(chunk.subarray(begin, at));
        items.push(...this.take(byte));
        begin = at + 1;
      }
    }
    if (this.where === 'inside') this.element.add(chunk.subarray(begin));
    return items;
  }

  end(): Item[] {
    if (this.where === 'before') this.breakOff('The body should be a JSON array');
    if (this.where === 'inside') this.breakOff('The JSON array has no end');
    return [];
  }

  private outside(byte: number): void {
    if (this.where === 'before' && byte === OPEN_LIST) {
      this.where = 'inside';
      this.number = 1;
    } else if (this.where === 'before' && byte === BYTE_ORDER_MARK[this.mark]) {
      this.mark += 1;
    } else if (!isBlank(byte)) {
      this.breakOff(
        this.where === 'before' ? 'The body should be a JSON array' : 'There is more behind the JSON array',
      );
    }
  }

  /** Whether a byte is the comma or the bracket behind an element. */
  private endsElement(byte: number): boolean {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) this.inString = false;
      return false;
    }
    if (byte === QUOTE) this.inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.depth += 1;
    else if (this.depth === 0) return byte === COMMA || byte === CLOSE_LIST;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.depth -= 1;
    return false;
  }

  private take(byte: number): Item[] {
    const { number } = this;
    if (byte === CLOSE_LIST) this.where = 'behind';
    else this.number += 1;
    // An empty list has no element.
    if (byte === CLOSE_LIST && number === 1 && this.element.blank) return [];
    return [{ number, bytes: this.element.take() }];
  }

  private breakOff(reason: string): void {
    this.broken ??= { number: this.number, reason };
  }
}

/** The lines of a body; the elements of one that is an array, as clients send arrays that they call lines. */
export class LinesOrElements implements BodyItems {
  private readonly lines: Lines;
  private readonly elements: Elements;
  private chosen?: Lines | Elements;
  /** What the begin has in it, should it be lines: a byte order mark alone is one. */
  private first: Item[] = [];

  /** @param maxBytes how long a line or an element may be */
  constructor(maxBytes: number) {
    this.lines = new Lines(maxBytes);
    this.elements = new Elements(maxBytes);
  }

  get broken(): BodyItems['broken'] {
    return this.chosen === this.elements ? this.elements.broken : undefined;
  }

  push(chunk: Buffer): Item[] {
    if (this.chosen) return this.chosen.push(chunk);
    const elements = this.elements.push(chunk);
    if (this.elements.begun) {
      this.chosen = this.elements;
      return elements;
    }
    this.first.push(...this.lines.push(chunk));
    // So far there are blanks only.
    if (!this.elements.broken) return [];
    this.chosen = this.lines;
    return this.first;
  }

  end(): Item[] {
    return this.chosen ? this.chosen.end() : [...this.first, ...this.lines.end()];
  }
}
