import { once } from 'node:events';
import Table from 'cli-table3';

/** Writes what a command answers: JSON for scripts, else text for people. */
export function print(value: unknown, text: string, { json = false }: { json?: boolean }): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
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
  return table.toString();
}

/** Text in one line that a terminal shows and does not obey. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    character === '\n' ? '⏎' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
