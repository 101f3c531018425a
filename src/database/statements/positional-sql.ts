/** Parameters with the casts after them, which are one word each; and what stands in quotes, where none are. */
const PARTS = /'[^']*'|"[^"]*"|\$(\d+)(?:::\w+(?:\[\])?)?/g;

/**
 * SQL with `$1`, `$2` and so on, as SQLite takes it: each place is a `?`, and has a value of its own.
 *
 * Casts of parameters are left out. PostgreSQL needs some, as it asks for types before it sees values, and SQLite would
 * take them for a part of the name.
 */
export class PositionalSql {
  readonly sql: string;
  /** The number of the parameter in each place. */
  private readonly places: number[] = [];
  private readonly count: number;

  constructor(numbered: string) {
    this.sql = numbered.replaceAll(PARTS, (part, number?: string) => {
      if (number === undefined) return part;
      this.places.push(Number(number));
      return '?';
    });
    this.count = Math.max(0, ...this.places);
  }

  /** The values in the order of their places. @throws RangeError where there are more or fewer than parameters */
  order(values: readonly unknown[]): unknown[] {
    if (values.length !== this.count) {
      throw new RangeError(`The statement has ${this.count} parameters, and got ${values.length} values.`);
    }
    return this.places.map((n) => values[n - 1]);
  }
}
