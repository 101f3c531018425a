import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger, StreamableFile } from '@nestjs/common';

/**
 * Sends JSON lists as one, with `before` and `after` around it, and one list in memory at a time.
 *
 * A single list is sent as it is. The first is read before the answer begins, so that a database that is away is
 * still a 503. Later the connection is broken off instead: the client sees that the JSON has no end.
 */
export async function joinLists(
  lists: AsyncGenerator<string, void>,
  before = '',
  after = '',
): Promise<string | StreamableFile> {
  const { begun, all } = await begin(lists, 2);
  if (begun.length < 2) return before + begun[0] + after;
  return new StreamableFile(Readable.from(text(all, before, after), { objectMode: false }), {
    type: 'application/json',
  });
}

async function* text(
  lists: AsyncGenerator<string, void>,
  before: string,
  after: string,
): AsyncGenerator<string> {
  let separator = `${before}[`;
  for await (const list of lists) {
    yield separator + list.slice(1, -1);
    separator = ',';
  }
  yield `]${after}`;
}

/**
 * Takes the first parts before an answer begins, so that a database that is away is still a 503.
 *
 * @returns these, and all parts: one that fails is told in the log, as all that the client sees is that the answer
 * ends too early
 */
export async function begin<Part>(
  parts: AsyncGenerator<Part, void>,
  count = 1,
): Promise<{ begun: Part[]; all: AsyncGenerator<Part, void> }> {
  const begun: Part[] = [];
  while (begun.length < count) {
    const { value, done } = await parts.next();
    if (done) break;
    begun.push(value);
  }
  return { begun, all: endsInLog(begun, parts) };
}

async function* endsInLog<Part>(
  begun: readonly Part[],
  rest: AsyncGenerator<Part, void>,
): AsyncGenerator<Part, void> {
  yield* begun;
  try {
    for await (const part of rest) {
      yield part;
      // A client that takes all at once would keep everybody else waiting until the end.
      await nextTurn();
    }
  } catch (error) {
    new Logger('Error').error(error);
    throw error;
  }
}
