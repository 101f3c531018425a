/** Errors whose own message is meant for the person who starts the service or a command. */
const PLAIN = new Set([
  'SettingError',
  'MigrationError',
  'DatabaseSetupError',
  'DatabaseUnavailableError',
  'OutcomeUnknownError',
  'WorkerError',
  'CommandError',
  'ProblemException',
  'FileError',
  'TransferError',
  'BackupError',
]);

/** What a person can do about the codes of Node, SQLite and PostgreSQL that a start can fail with. */
const ADVICE: Record<string, string> = {
  EADDRINUSE: 'Another process listens there already: stop it, or set PORT to a free port (0 finds one).',
  EADDRNOTAVAIL: 'This machine has no such address: set HOST to one of its own, or to 0.0.0.0 for all.',
  EACCES: 'This user may not do that: check PORT (below 1024 is for root) and the folder of DATABASE_URL.',
  ENOTFOUND: 'No such host: check HOST and DATABASE_URL.',
  EEXIST: 'A part of the path in DATABASE_URL is a file and not a folder.',
  ENOTDIR: 'A part of the path in DATABASE_URL is a file and not a folder.',
  EPERM: 'This user may not do that: check the folder of DATABASE_URL.',
  EROFS: 'The disk is read-only: set DATABASE_URL to a file on one that is not.',
  SQLITE_CANTOPEN: 'The SQLite file cannot be opened: check DATABASE_URL and who may write to its folder.',
  SQLITE_BUSY: 'Another process holds the SQLite file: try again when it has done.',
  SQLITE_FULL: 'The disk is full.',
  ENOSPC: 'The disk is full.',
  SQLITE_NOTADB: 'The file is not an SQLite database: set DATABASE_URL to another file.',
  SQLITE_READONLY: 'The SQLite file is read-only: check who may write to it and its folder.',
  SQLITE_CORRUPT: 'The SQLite file is damaged: restore a backup.',
  '28P01': 'PostgreSQL refuses the user or the password in DATABASE_URL.',
  '28000': 'PostgreSQL refuses this user: check DATABASE_URL and pg_hba.conf.',
  '42501': 'PostgreSQL does not let this user do that: see its GRANT, and DATABASE_URL.',
  '53100': 'The disk of PostgreSQL is full.',
  '53300': 'PostgreSQL has no connection left: see its max_connections, and DATABASE_POOL_SIZE.',
  '57014':
    'PostgreSQL has cancelled a statement: see its statement_timeout, also that of the database and the user.',
  '25006': 'This PostgreSQL only reads: set DATABASE_URL to one that takes writes.',
  '3D000': 'PostgreSQL has no database of that name: create it, or check DATABASE_URL.',
};

/** A failed start in one sentence where the person who started it can mend it, and the stack elsewhere. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (PLAIN.has(error.name)) return error.message;
  const { code, driverError } = error as { code?: string; driverError?: { code?: string } };
  const found = driverError?.code ?? code ?? '';
  // SQLite's extended codes go on, as SQLITE_READONLY_DIRECTORY does.
  const key = Object.keys(ADVICE).find(
    (one) => found === one || (one.startsWith('SQLITE') && found.startsWith(`${one}_`)),
  );
  const advice = key && ADVICE[key];
  return advice ? `${advice} (${error.message})` : (error.stack ?? error.message);
}
