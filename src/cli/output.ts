import { once } from 'node:events';
import Table from 'cli-table3';
import { anyFails, type Finding } from '../checks/finding.js';
import type { JsonOption } from './options.js';
import { printable } from './printable.js';

/** Writes what a command answers: JSON for scripts, else text for people. */
export function print(value: unknown, text: string, { json = false }: { json?: boolean }): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

/** The rows that were asked for, of one more. Says where there are others, which nobody would miss else. */
export function firstRows<R>(rows: readonly R[], limit: number): R[] {
  if (rows.length > limit) process.stderr.write(`These are the first ${limit}: see --limit.\n`);
  return rows.slice(0, limit);
}

/** Writes a part of a long answer. Resolves when the next may follow. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** A table without lines around its cells. Control characters in them, which could command a terminal, are shown. */
export function tableOf<R extends object>(
  columns: readonly (keyof R & string)[],
  rows: readonly R[],
): string {
  const table = new Table({
    head: columns.map((column) => column.toUpperCase()),
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => columns.map((column) => printable(String(row[column] ?? '')))));
  return table.toString().replaceAll(/ +$/gm, '');
}

/** How many rows of which tables, as `1,000 logs, 3 users`; those without are left out. */
export function rowsOf(counts: Readonly<Record<string, number>>): string {
  const filled = Object.entries(counts).filter(([, rows]) => rows > 0);
  return filled.map(([table, rows]) => `${rows.toLocaleString('en-US')} ${table}`).join(', ') || 'No rows';
}

/** Writes one line for each finding. The exit code becomes 1 where one of them is a failure. */
export function printFindings(findings: readonly Finding[], options: JsonOption): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(
    ({ status, check, text }) => `${status.padEnd(4)}  ${check.padEnd(width)}  ${printable(text)}`,
  );
  print(findings, lines.join('\n'), options);
  if (anyFails(findings)) process.exitCode = 1;
}
