import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { ZipFile } from 'yazl';
import type { ExportFile } from './export-files.js';

/** Sends a file in pieces, to be saved under a name. */
export function attachment(
  pieces: AsyncIterable<string> | Readable,
  type: string,
  name: string,
): StreamableFile {
  const stream = pieces instanceof Readable ? pieces : Readable.from(pieces, { objectMode: false });
  return new StreamableFile(stream, { type, disposition: `attachment; filename="${name}"` });
}

/** Packs files, one in memory at a time: the next is asked for when the last has been taken. */
export function zip(files: AsyncIterable<ExportFile>): Readable {
  const archive = new ZipFile();
  const output = archive.outputStream as Readable;
  const fill = async (): Promise<void> => {
    for await (const { name, text } of files) {
      await new Promise<void>((resolve) => {
        archive.addReadStreamLazy(name, {}, (use) => {
          const content = Readable.from([text], { objectMode: false });
          content.once('end', resolve);
          use(null, content);
        });
      });
    }
    archive.end();
  };
  // The answer has begun: all that can be told to the client is that it ends too early.
  fill().catch((error: unknown) => output.destroy(error as Error));
  return output;
}
