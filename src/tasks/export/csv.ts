import { stringify } from 'csv-stringify/sync';

/**
 * CSV as RFC 4180 has it, each line with CR and LF at its end.
 *
 * @param safeCells puts an apostrophe before what a spreadsheet would run as a formula: `=`, `+`, `-`, `@`, a tab or a
 * carriage return at the beginning of a cell (OWASP, "CSV Injection")
 */
export function toCsv<Column extends string>(
  columns: readonly Column[],
  rows: readonly Record<Column, string>[],
  { safeCells, header }: { safeCells: boolean; header: boolean },
): string {
  return stringify([...rows], {
    columns: [...columns],
    header,
    record_delimiter: 'windows',
    // Left to itself it quotes what has CR and LF in it, and not either alone.
    quote_record_delimiter: true,
    escape_formulas: safeCells,
  });
}
