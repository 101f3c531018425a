import { QueryFailedError } from 'typeorm';

/** The database cannot do this now; trying again later may help. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** The database cannot be used as it is. The message is for the person who started the service. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}

/** A transaction was rolled back because it ran longer than `writeLimitMs`. */
export class TransactionTimeoutError extends DatabaseUnavailableError {
  constructor(name: string, limitMs: number) {
    super(`The transaction of ${name} ran longer than ${limitMs} ms and was rolled back.`);
  }
}

/**
 * The engine's own code of an error: SQLSTATE on PostgreSQL (its manual, appendix A), the extended result code
 * on SQLite (sqlite.org/rescode.html), Node's code where the connection failed.
 */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** A row with this unique value is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', '23505'].includes(codeOf(error));
}

/** Two transactions got in each other's way: the same work may succeed when it is run again. */
export function isSerializationFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error)) || isStalePlan(error);
}

/**
 * A table has changed since PostgreSQL has prepared a statement, which must be prepared anew. The code is one of many
 * reasons (its src/backend/utils/cache/plancache.c).
 */
export function isStalePlan(error: unknown): boolean {
  return codeOf(error) === '0A000' && /cached plan/.test((error as Error).message);
}

/** PostgreSQL: somebody else held a lock for longer than `lock_timeout`. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** SQLite refuses what a table must not hold. */
export function isConstraint(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_CONSTRAINT');
}

/** Another connection holds SQLite's write lock. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** PostgreSQL has no prepared statement of this name on this connection. */
export function isUnknownStatement(error: unknown): boolean {
  return codeOf(error) === '26000';
}

/** The database itself has said no, so that nothing of the transaction is kept; not that it was never heard of. */
export function isRefusal(error: unknown): boolean {
  // Node's own codes begin with E, as EPIPE does.
  return /^(SQLITE_\w+|(?!08|57P|E)[0-9A-Z]{5})$/.test(codeOf(error));
}

const UNAVAILABLE_CODE = new RegExp(
  '^(' +
    [
      // Node: no connection. PostgreSQL class 08: it broke; 53: no room; 57P: it stops or starts.
      'ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT',
      '08\\w{3}|53\\w{3}|57P\\w{2}|58\\w{3}',
      // PostgreSQL: statement_timeout, lock_timeout, idle_in_transaction_session_timeout.
      '57014|55P03|25P03',
      // PostgreSQL: a server that only reads, such as a stand-by.
      '25006',
      'SQLITE_(BUSY|FULL|IOERR|CANTOPEN|NOMEM|PROTOCOL)\\w*',
    ].join('|') +
    ')$',
);

// pg gives these failures no code (pg 8.23, lib/client.js and pg-pool).
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/** The database is away, full, or too busy: a 503 to the client, and nothing is wrong with the request. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return (
    UNAVAILABLE_CODE.test(codeOf(error)) ||
    (error instanceof Error && UNAVAILABLE_MESSAGE.test(error.message))
  );
}

/** The connection is gone, and with it the transaction that was on it. */
export function isConnectionLost(error: unknown): boolean {
  return isUnavailable(error) && !/^(25006|53|57014|55P03|58|SQLITE)/.test(codeOf(error));
}
