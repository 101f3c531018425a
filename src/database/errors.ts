import { QueryFailedError } from 'typeorm';

/** The database cannot do this now; trying again later may help. */
export class DatabaseUnavailableError extends Error {
  override readonly name: string = 'DatabaseUnavailableError';
}

/** A write was not confirmed: it may have been kept, or not. */
export class OutcomeUnknownError extends DatabaseUnavailableError {
  override readonly name: string = 'OutcomeUnknownError';

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The database has not confirmed a write, which may have been kept: ${reason}`, { cause });
  }
}

/** A table has given its last id: the largest that JavaScript tells from its neighbours. */
export class OutOfIdsError extends DatabaseUnavailableError {
  constructor(table: string) {
    super(`The table ${table} has no more ids to give.`);
  }
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
export function codeOf(error: unknown): string {
  const { code } = causeOf(error);
  return typeof code === 'string' ? code : '';
}

/** What the driver has thrown. `routine` is the function of PostgreSQL's source. */
function causeOf(error: unknown): { code?: unknown; routine?: unknown; message?: string } {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause ?? {};
}

/** A row with this unique value is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', '23505'].includes(codeOf(error));
}

/** Two transactions got in each other's way: the same work may succeed when it is run again. */
export function isSerializationFailure(error: unknown): boolean {
  return remedyOf(error) === 'retry';
}

/**
 * A table has changed since PostgreSQL has prepared a statement, or the statement is gone (`DISCARD ALL`): it must be
 * prepared anew. The code is one of many reasons, and the text is in the server's language; the function is that of its
 * src/backend/utils/cache/plancache.c.
 */
export function isStalePlan(error: unknown): boolean {
  return (
    isUnknownStatement(error) ||
    (codeOf(error) === '0A000' &&
      (causeOf(error).routine === 'RevalidateCachedQuery' || /cached plan/.test((error as Error).message)))
  );
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
  // Node's own codes begin with E, as EPIPE does. 40003: PostgreSQL itself does not know.
  return /^(SQLITE_\w+|(?!08|57P|40003|E)[0-9A-Z]{5})$/.test(codeOf(error));
}

/**
 * What is done about an error of the database:
 *
 * - `retry`: the same work is run again from its start, and is a 503 where that does not help in time;
 * - `keep`: a 503, and the connection is kept;
 * - `drop`: a 503, and the connection is dropped, as a new one may lead to a server that can do it;
 * - `lost`: a 503, as the connection is gone, and with it the transaction that was on it;
 * - `stop`: a start stops with a sentence (explain-failure.ts); meanwhile as `keep`: one that a server refuses is none.
 *
 * A start waits for `keep`, `drop` and `lost`. All else is a fault of ours, and a 500.
 */
type Remedy = 'retry' | 'keep' | 'drop' | 'lost' | 'stop';

/** By code, or by what codes begin with: the longest one counts. docs/operations.md explains them. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  // Serialization failure, deadlock, a prepared statement that is gone.
  ...{ '40001': 'retry', '40P01': 'retry', '26000': 'retry' },
  // No room (53), the disk (58), statement_timeout, lock_timeout, a sequence that has no more ids.
  ...{ '53': 'keep', '58': 'keep', '57014': 'keep', '55P03': 'keep', '2200H': 'keep' },
  // A server that only reads, such as a standby; no free connection slot.
  ...{ '25006': 'drop', '53300': 'drop' },
  // It broke, or the server stops or starts; idle_in_transaction_session_timeout, transaction_timeout; PostgreSQL does
  // not know how a statement has ended.
  ...{ '08': 'lost', '57P': 'lost', '25P03': 'lost', '25P04': 'lost', '40003': 'lost' },
  // The user or the password, the database, the privileges.
  ...{ '28': 'stop', '3D000': 'stop', '42501': 'stop' },
  // Node: no connection.
  ...{ ECONNREFUSED: 'lost', ECONNRESET: 'lost', ECONNABORTED: 'lost', ENOTFOUND: 'lost', EAI_AGAIN: 'lost' },
  ...{ ETIMEDOUT: 'lost', EPIPE: 'lost', EHOSTUNREACH: 'lost', ENETUNREACH: 'lost', ENOENT: 'lost' },
  ...{ SQLITE_BUSY: 'keep', SQLITE_FULL: 'keep', SQLITE_IOERR: 'keep', SQLITE_CANTOPEN: 'keep' },
  ...{ SQLITE_NOMEM: 'keep', SQLITE_PROTOCOL: 'keep', SQLITE_READONLY: 'stop' },
};

/** The beginnings of codes, the longest first. */
const BEGINNINGS = Object.keys(REMEDIES).toSorted((a, b) => b.length - a.length);

// pg gives these failures no code (pg 8.23, lib/client.js and pg-pool).
const LOST_MESSAGE =
  /^(Connection terminated|Query read timeout|timeout e(xpired|xceeded when trying to connect)|Client has encountered a connection error|Client was closed)/;

/**
 * PostgreSQL's answers on a standby that have a code of many reasons: to READ WRITE and to SERIALIZABLE (settings, in its
 * guc.c and predicate.c), for an unlogged table (plancat.c), for a lock (lock.c). Others are known in English only.
 */
const STANDBY_ROUTINE =
  /^(call_bool_check_hook|call_enum_check_hook|GetSerializableTransactionSnapshot|get_relation_info|LockAcquireExtended)$/;
const STANDBY_MESSAGE = /\b(hot standby|recovery)\b/;

function remedyOf(error: unknown): Remedy | undefined {
  const cause = causeOf(error);
  if (cause instanceof DatabaseUnavailableError) return 'lost';
  if (isStalePlan(error)) return 'retry';
  const code = codeOf(error);
  const { message = '' } = cause;
  if (/^(0A000|55000)$/.test(code)) {
    const isOfStandby = STANDBY_ROUTINE.test(String(cause.routine)) || STANDBY_MESSAGE.test(message);
    return isOfStandby ? 'drop' : undefined;
  }
  const beginning = code && BEGINNINGS.find((one) => isCodeOf(one, code));
  if (beginning) return REMEDIES[beginning];
  return LOST_MESSAGE.test(message) ? 'lost' : undefined;
}

/** Classes of PostgreSQL have two or three characters, and SQLite's extended codes go on after `_`. */
function isCodeOf(beginning: string, code: string): boolean {
  if (code === beginning) return true;
  return /^\w{2,3}$/.test(beginning)
    ? code.length === 5 && code.startsWith(beginning)
    : code.startsWith(`${beginning}_`);
}

/** The database is away, full, or too busy: a 503 to the client, and nothing is wrong with the request. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return remedyOf(error) !== undefined;
}

/** It may pass by itself, so that a start waits for it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  return isUnavailable(error) && remedyOf(error) !== 'stop';
}

/** The connection is gone, and with it the transaction that was on it. */
export function isConnectionLost(error: unknown): boolean {
  return remedyOf(error) === 'lost';
}

/** The connection is of no use any more, to whomever has it next. */
export function isConnectionUseless(error: unknown): boolean {
  // Too long a transaction says nothing about its connection.
  if (error instanceof TransactionTimeoutError) return false;
  return ['drop', 'lost'].includes(remedyOf(error) ?? '');
}

/** No answer came in time: the server may still be busy with it. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && (error.message === 'Query read timeout' || isReadTimeout(error.cause));
}

/** What a write has failed with, which may have been kept where the database has not said no. */
export function ofWrite(error: unknown): unknown {
  // Ours are about what was never sent, and so is pg's.
  const cause = causeOf(error);
  if (cause instanceof DatabaseUnavailableError) return cause;
  const wasSent = !(error as Error).message.startsWith('Client ');
  return wasSent && isConnectionLost(error) && !isRefusal(error) ? new OutcomeUnknownError(error) : error;
}
