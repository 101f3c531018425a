import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/**
 * Streams rows as JSON, `before` and `after` around the array, with one page in memory at a time.
 *
 * The first page is read before the answer begins, so that a database that is away is still a 503. Later the
 * connection is broken off instead: the client sees that the JSON has no end.
 */
export async function streamJson(
  pages: AsyncGenerator<readonly unknown[]>,
  before = '[',
  after = ']',
): Promise<StreamableFile> {
  const first = await pages.next();
  const stream = Readable.from(jsonText(first, pages, before, after), { objectMode: false });
  return new StreamableFile(stream, { type: 'application/json' });
}

async function* jsonText(
  first: IteratorResult<readonly unknown[]>,
  pages: AsyncGenerator<readonly unknown[]>,
  before: string,
  after: string,
): AsyncGenerator<string> {
  let separator = before;
  for (let page = first; !page.done; page = await pages.next()) {
    for (const row of page.value) {
      yield separator + JSON.stringify(row);
      separator = ',';
    }
  }
  yield separator === before ? before + after : after;
}
