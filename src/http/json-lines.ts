import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { begin } from './json-stream.js';

/** One JSON value a line. */
export const NDJSON = 'application/x-ndjson';

/** Sends parts of lines as they come. The first is read before the answer begins, so that a failure is still a 503. */
export async function joinLines(parts: AsyncGenerator<string, void>): Promise<string | StreamableFile> {
  const { begun, all } = await begin(parts);
  if (begun.length === 0) return '';
  return new StreamableFile(Readable.from(all, { objectMode: false }), { type: NDJSON });
}
