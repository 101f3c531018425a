import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { endsInLog } from './json-stream.js';

/** One JSON value a line. */
export const NDJSON = 'application/x-ndjson';

/** Sends parts of lines as they come. The first is read before the answer begins, so that a failure is still a 503. */
export async function joinLines(parts: AsyncGenerator<string, void>): Promise<string | StreamableFile> {
  const first = await parts.next();
  if (first.done) return '';
  const text = async function* () {
    yield first.value;
    yield* endsInLog(parts);
  };
  return new StreamableFile(Readable.from(text(), { objectMode: false }), { type: NDJSON });
}
