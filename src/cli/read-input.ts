import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Transform } from 'node:stream';
import { explainFileFailure } from '../files/file-error.js';
import { CommandError } from './command-error.js';

/**
 * A whole file, or standard input for `-`.
 *
 * @param limit the largest that is taken, in bytes, which is the setting of this name
 * @throws CommandError where it is larger, FileError where it cannot be read
 */
export async function readInput(file: string, limit: number, setting: string): Promise<Buffer> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  let bytes = 0;
  // Counted and not asked of the file system, which knows no size of a pipe.
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(
        bytes > limit
          ? new CommandError(`${nameOf(file)} is larger than the ${limit} bytes of the setting ${setting}.`)
          : null,
        chunk,
      );
    },
  });
  source.on('error', (error: Error) => counted.destroy(error));
  try {
    return await buffer(source.pipe(counted));
  } catch (error) {
    throw explainFileFailure(error, `${nameOf(file)} cannot be read`);
  } finally {
    source.destroy();
  }
}

const nameOf = (file: string): string => (file === '-' ? 'Standard input' : file);
