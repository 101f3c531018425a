import type { Database } from 'better-sqlite3';

/**
 * Where a statement outside a transaction runs: on the connection that reads, in a transaction of its own, or alone on
 * the connection that writes, as it may not be in a transaction or means the connection itself.
 */
export type StatementKind = 'read' | 'write' | 'alone';

/** Blanks and comments before the first word. */
const FIRST_WORD = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([a-z]*)/i;

/** @param reader the connection that reads, where there is one */
export function kindOf(sql: string, reader: Database | undefined): StatementKind {
  const word = FIRST_WORD.exec(sql)?.[1]?.toUpperCase() ?? '';
  switch (word) {
    case 'SELECT':
      return reader ? 'read' : 'write';
    case 'PRAGMA':
    case 'VACUUM':
    case 'ATTACH':
    case 'DETACH':
      return 'alone';
    // They may read or write, and SQLite knows.
    case 'WITH':
    case 'VALUES':
    case 'EXPLAIN':
      return reader && isReadOnly(sql, reader) ? 'read' : 'write';
    default:
      return 'write';
  }
}

function isReadOnly(sql: string, reader: Database): boolean {
  try {
    return reader.prepare(sql).readonly;
  } catch {
    // Whoever runs it finds the reason.
    return false;
  }
}
