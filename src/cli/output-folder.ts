import { createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { explainFileFailure } from '../files/file-error.js';
import { syncToDisk } from '../files/replace-file.js';
import { CommandError } from './command-error.js';

/**
 * Writes files into a folder so that each is there whole, or not at all.
 *
 * They are written beside their place, and moved there when all are done. So a command that fails has left nothing.
 */
export class OutputFolder {
  private readonly names: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly workshop: string,
    private readonly force: boolean,
  ) {}

  /**
   * Makes the folder where there is none, and calls `work` with it.
   *
   * @param force whether files that are there already are replaced
   * @throws CommandError where a file is there, FileError where the folder cannot be written
   */
  static async fill<T>(
    folder: string,
    { force }: { force: boolean },
    work: (output: OutputFolder) => Promise<T>,
  ): Promise<T> {
    const workshop = await makeWorkshop(folder);
    try {
      const output = new OutputFolder(folder, workshop, force);
      const result = await work(output);
      await output.moveAll();
      return result;
    } catch (error) {
      throw explainFileFailure(error, `${folder} cannot be written`);
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  }

  /** Writes a file. Its name must be good for a file. */
  async write(name: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
    if (!this.force && (await exists(join(this.folder, name)))) throw refusal(this.folder, name);
    const path = join(this.workshop, name);
    await pipeline(pieces, createWriteStream(path));
    await syncToDisk(path);
    this.names.push(name);
  }

  private async moveAll(): Promise<void> {
    // Asked again before the first is moved: exports may take their time.
    for (const name of this.names) {
      if (!this.force && (await exists(join(this.folder, name)))) throw refusal(this.folder, name);
    }
    for (const name of this.names) await rename(join(this.workshop, name), join(this.folder, name));
    await syncToDisk(this.folder);
  }
}

async function makeWorkshop(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    // In the folder itself: only within one file system is moving a file a matter of all or nothing.
    return await mkdtemp(join(folder, '.daybook-'));
  } catch (error) {
    throw explainFileFailure(error, `${folder} cannot be written`);
  }
}

function refusal(folder: string, name: string): CommandError {
  return new CommandError(
    `${join(folder, name)} is there already, so nothing was written. Choose another folder, or --force.`,
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
