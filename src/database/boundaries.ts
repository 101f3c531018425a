/** What a statement does to the transaction that it is in. */
export type Boundary = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback to';

/** Any that begins or ends a transaction, whatever comments come before it. */
const OUTER =
  /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:(BEGIN|START\s+TRANSACTION)|(COMMIT|END)|(ROLLBACK|ABORT))\b(?!\s+TO\b)/i;

/** What TypeORM's nested transactions say. A savepoint of another name is a statement like others. */
const NESTED =
  /^\s*(?:(SAVEPOINT)|(RELEASE(?:\s+SAVEPOINT)?)|(ROLLBACK\s+TO(?:\s+SAVEPOINT)?))\s+typeorm_\d+\s*;?\s*$/i;

/** Nothing, where it does nothing to it. */
export function boundaryOf(sql: string): Boundary | undefined {
  const outer = OUTER.exec(sql);
  if (outer) return outer[1] ? 'begin' : outer[2] ? 'commit' : 'rollback';
  const nested = NESTED.exec(sql);
  if (nested) return nested[1] ? 'savepoint' : nested[2] ? 'release' : 'rollback to';
  return undefined;
}
