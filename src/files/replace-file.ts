import { randomBytes } from 'node:crypto';
import { link, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { explainFileFailure, FileError } from './file-error.js';

interface Options {
  /** A file of that name is replaced. */
  readonly force?: boolean;
}

/**
 * Writes a file whole or not at all: under another name beside it, forced to the disk, and renamed then. Until that
 * moment the file that was there is. Without `force` none is replaced, whenever it came. Nobody but its owner may read it.
 *
 * @param write writes to the path that it is given, where an empty file is
 * @throws FileError where the file is there and not to be replaced, or cannot be written
 */
export async function replaceFile(
  path: string,
  { force = false }: Options,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const file = await realPlace(path);
  await mayWrite(file, force);
  // In a folder that others may write to, a name that they can guess could be a link of theirs.
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await (await open(temporary, 'wx', 0o600)).close();
    try {
      await write(temporary);
      await syncToDisk(temporary);
      if (force) await rename(temporary, file);
      else await moveToFreeName(temporary, file);
      await syncToDisk(dirname(file));
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (error) {
    throw explainFileFailure(error, `${file} cannot be written`);
  }
}

/** Unlike renaming, this never replaces a file that another has made since `mayWrite`. */
async function moveToFreeName(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file).catch(async (error: NodeJS.ErrnoException) => {
      // Such as FAT, which knows no second names.
      if (!/^(EPERM|ENOTSUP|ENOSYS)$/.test(error.code ?? '')) throw error;
      await (await open(file, 'wx')).close();
      await rename(temporary, file);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new FileError(`${file} was made meanwhile by something else, and is left as it is.`);
  }
}

/** Where a path leads, as renaming over a link would replace the link. The file, and its folder, need not be there. */
export async function realPlace(path: string): Promise<string> {
  const place = resolve(path);
  try {
    return await realpath(place);
  } catch (error) {
    const folder = dirname(place);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folder === place) return place;
    const realFolder = await realPlace(folder);
    const target = await readlink(place).catch(() => undefined);
    return target === undefined ? join(realFolder, basename(place)) : realPlace(resolve(realFolder, target));
  }
}

/** @throws FileError where it is clear already that a file may not be written there */
async function mayWrite(file: string, force: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found && !found.isFile()) throw new FileError(`${file} is there, and is not a file.`);
  if (found && !force) {
    throw new FileError(`${file} is there already: name another file, or replace it with --force.`);
  }
  if (!(await stat(dirname(file)).catch(() => undefined))?.isDirectory()) {
    throw new FileError(`There is no folder ${dirname(file)}.`);
  }
}

/** Forces a file, or a folder's list of names, to the disk. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
