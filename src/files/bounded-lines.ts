/** A line is longer than it may be. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';

  constructor(
    readonly lineNumber: number,
    readonly maxBytes: number,
  ) {
    super(`Line ${lineNumber} is longer than ${maxBytes} bytes.`);
  }
}

const LINE_FEED = 10;

/**
 * The lines of a stream of bytes without their line feeds, those of each chunk together. What comes after the last
 * line feed is a line, too, if it is not empty.
 *
 * No more is held than a chunk and a line.
 * @throws LineTooLongError as soon as that is clear
 */
export async function* boundedLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let count = 0;
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let begin = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, begin)) {
      const part = chunk.subarray(begin, end);
      if (restBytes + part.length > maxBytes) throw new LineTooLongError(count + lines.length + 1, maxBytes);
      lines.push(restBytes > 0 ? Buffer.concat([...rest, part]) : part);
      [rest, restBytes] = [[], 0];
      begin = end + 1;
    }
    rest.push(chunk.subarray(begin));
    restBytes += chunk.length - begin;
    count += lines.length;
    if (restBytes > maxBytes) throw new LineTooLongError(count + 1, maxBytes);
    if (lines.length > 0) yield lines;
  }
  if (restBytes > 0) yield [Buffer.concat(rest)];
}
