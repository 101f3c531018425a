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
  const first = await lists.next();
  const second = await lists.next();
  if (second.done) return before + first.value + after;
  return new StreamableFile(
    Readable.from(text([first, second], lists, before, after), { objectMode: false }),
    {
      type: 'application/json',
    },
  );
}

async function* text(
  begun: IteratorResult<string, void>[],
  rest: AsyncGenerator<string, void>,
  before: string,
  after: string,
): AsyncGenerator<string> {
  let separator = `${before}[`;
  const elements = (list: string) => list.slice(1, -1);
  for (const { value } of begun) {
    yield separator + elements(value ?? '[]');
    separator = ',';
  }
  for await (const list of endsInLog(rest)) yield separator + elements(list);
  yield `]${after}`;
}

/** The same parts. One that fails is told in the log: all that the client sees is that the answer ends too early. */
export async function* endsInLog(parts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  try {
    for await (const part of parts) {
      yield part;
      // A client that takes all at once would keep everybody else waiting until the end.
      await nextTurn();
    }
  } catch (error) {
    new Logger('Error').error(error);
    throw error;
  }
}
