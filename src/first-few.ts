/** Counts all of something, and keeps the first of it: what a hostile file has is not kept without end. */
export class FirstFew<T> {
  count = 0;
  readonly first: T[] = [];

  constructor(private readonly max: number) {}

  add(one: T): void {
    this.count += 1;
    if (this.first.length < this.max) this.first.push(one);
  }
}
