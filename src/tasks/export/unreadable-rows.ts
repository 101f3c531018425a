import { FirstFew } from '../../first-few.js';
import { toMilliseconds } from '../times.js';

/** How many are named. */
const MAX_NAMED = 100;

/** Of a value that is told, in UTF-16 units. */
const MAX_VALUE = 100;

/** What an export could not read, and has as far as it is known: one row must not keep all others from being exported. */
export class UnreadableRows {
  private readonly rows = new FirstFew<string>(MAX_NAMED);

  get count(): number {
    return this.rows.count;
  }

  /** A sentence for each of the first. */
  get first(): readonly string[] {
    return this.rows.first;
  }

  /** @param row such as `task 5` */
  add(row: string, problem: string): void {
    this.rows.add(`${row}: ${problem}`);
  }

  /** The value where it is text or nothing; else it is told, and left out. */
  text(row: string, column: string, value: string | null | undefined): string | null {
    if (typeof value === 'string') return value;
    if (value !== null && value !== undefined) this.add(row, `${column} is no text`);
    return null;
  }

  /** The value where it is a time or nothing; else it is told, and left out. */
  time(row: string, column: string, value: string | null | undefined): string | null {
    const given = this.text(row, column, value);
    if (given === null || toMilliseconds(given) !== undefined) return given;
    this.add(row, `${column} is no time: ${JSON.stringify(given.slice(0, MAX_VALUE))}`);
    return null;
  }
}
