import { QueryFailedError } from 'typeorm';
import {
  DatabaseUnavailableError,
  isConnectionLost,
  isConnectionUseless,
  isRefusal,
  isSerializationFailure,
  isStalePlan,
  isTransient,
  isUnavailable,
  OutcomeUnknownError,
  ofWrite,
  TransactionTimeoutError,
} from './errors.js';

const withCode = (code: string, message = 'told by the database', more: object = {}) =>
  Object.assign(new Error(message), { code, ...more });
const failed = (error: Error) => new QueryFailedError('INSERT', [], error);

const what = (error: unknown) => ({
  retry: isSerializationFailure(error),
  unavailable: isUnavailable(error),
  useless: isConnectionUseless(error),
  lost: isConnectionLost(error),
  awaited: isTransient(error),
});
const NOTHING = { retry: false, unavailable: false, useless: false, lost: false, awaited: false };
const KEEP = { ...NOTHING, unavailable: true, awaited: true };
const DROP = { ...KEEP, useless: true };
const LOST = { ...DROP, lost: true };
const STOP = { ...KEEP, awaited: false };
const RETRY = { ...KEEP, retry: true };

describe('an error of the database', () => {
  it.each([
    ['40001', '', RETRY],
    ['40P01', '', RETRY],
    ['26000', '', RETRY],
    ['0A000', 'cached plan must not change result type', RETRY],
    ['0A000', 'cannot use serializable mode in a hot standby', DROP],
    ['0A000', 'cannot set transaction read-write mode during recovery', DROP],
    ['55000', 'recovery is in progress', DROP],
    ['0A000', 'FOR UPDATE is not allowed with DISTINCT clause', NOTHING],
    ['55000', 'currval of sequence "x" is not yet defined in this session', NOTHING],
    ['25006', '', DROP],
    ['53300', '', DROP],
    ['53100', '', KEEP],
    ['57014', '', KEEP],
    ['55P03', '', KEEP],
    ['58030', '', KEEP],
    ['2200H', '', KEEP],
    ['57P01', '', LOST],
    ['08006', '', LOST],
    ['25P03', '', LOST],
    ['40003', '', LOST],
    ['ECONNRESET', '', LOST],
    ['28P01', '', STOP],
    ['28000', '', STOP],
    ['3D000', '', STOP],
    ['42501', '', STOP],
    ['SQLITE_BUSY', '', KEEP],
    ['SQLITE_IOERR_WRITE', '', KEEP],
    ['SQLITE_READONLY_DBMOVED', '', STOP],
    ['SQLITE_CONSTRAINT_UNIQUE', '', NOTHING],
    ['23505', '', NOTHING],
    ['42P01', '', NOTHING],
    ['', 'Query read timeout', LOST],
    ['', 'timeout expired', LOST],
    ['', 'timeout exceeded when trying to connect', LOST],
    ['', 'of something else', NOTHING],
  ])('with %s %s is what the table says', (code, message, expected) => {
    expect(what(withCode(code, message || undefined))).toEqual(expected);
    expect(what(failed(withCode(code, message || undefined)))).toEqual(expected);
  });

  it('leaves the connection alone where it is of a transaction that was too long', () => {
    expect(what(new TransactionTimeoutError('a job', 5))).toEqual({ ...LOST, useless: false });
  });

  it('is found in several of which none has connected', () => {
    expect(isUnavailable(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
  });

  it('of a stale plan is known in whatever language', () => {
    const german = withCode('0A000', 'gecachter Plan darf den Ergebnistyp nicht ändern', {
      routine: 'RevalidateCachedQuery',
    });
    expect(isStalePlan(german)).toBe(true);
    expect(isStalePlan(failed(german))).toBe(true);
  });

  it.each([
    ['0A000', 'call_bool_check_hook'],
    ['0A000', 'call_enum_check_hook'],
    ['0A000', 'GetSerializableTransactionSnapshot'],
    ['0A000', 'get_relation_info'],
    ['55000', 'LockAcquireExtended'],
  ])('of a standby is known in whatever language: %s of %s', (code, routine) => {
    expect(what(withCode(code, 'Wiederherstellung läuft', { routine }))).toEqual(DROP);
    expect(what(withCode(code, 'etwas anderes', { routine: 'currval_oid' }))).toEqual(NOTHING);
  });

  it('of a write tells whether it may have been kept', () => {
    for (const code of ['57P01', '08006', '40003', 'ECONNRESET', 'EPIPE']) {
      expect(ofWrite(failed(withCode(code)))).toBeInstanceOf(OutcomeUnknownError);
    }
    const unique = failed(withCode('23505'));
    const conflict = failed(withCode('40001'));
    const idle = failed(withCode('25P03'));
    for (const refusal of [unique, conflict, idle]) expect(ofWrite(refusal)).toBe(refusal);
    const unsent = failed(new Error('Client has encountered a connection error and is not queryable'));
    expect(ofWrite(unsent)).toBe(unsent);
    const own = new DatabaseUnavailableError('No connection to PostgreSQL');
    expect(ofWrite(own)).toBe(own);
    const unknown = new OutcomeUnknownError(new Error('cancelled'));
    expect(ofWrite(failed(unknown))).toBe(unknown);
    expect([isUnavailable(unknown), isRefusal(unknown), unknown.name]).toEqual([
      true,
      false,
      'OutcomeUnknownError',
    ]);
  });
});
