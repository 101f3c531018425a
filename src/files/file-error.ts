/** A file cannot be read or written. The message is for the person who named it. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** What a person can do about the codes of Node and SQLite that a file can fail with. */
const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file and not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  ENAMETOOLONG: 'its name is too long',
  EPIPE: 'what reads it has ended',
  EFBIG: 'it becomes too large for this disk',
  SQLITE_IOERR: 'its disk fails',
  SQLITE_FULL: 'the disk is full',
  SQLITE_NOTADB: 'it is not an SQLite database',
  SQLITE_CORRUPT: 'it is damaged',
  SQLITE_CANTOPEN: 'it cannot be opened: look who may read it and its folder',
  SQLITE_READONLY: 'this user may not write to it and its folder',
};

/** Tells a failure of the system as a sentence about the file, and leaves other errors as they are. */
export function explainFileFailure(error: unknown, what: string): unknown {
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  // An abort has a number.
  const found = String(driverError?.code ?? code);
  // SQLite's extended codes go on, as SQLITE_READONLY_DIRECTORY does.
  const reason = REASONS[found] ?? REASONS[found.split('_').slice(0, 2).join('_')];
  return reason === undefined ? error : new FileError(`${what}: ${reason}.`, { cause: error });
}
