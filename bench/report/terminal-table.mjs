import { remarks, runTitle, tableOf } from './table-rows.mjs';

/** All tables of a result as text for a terminal. */
export function terminalTables(result) {
  const head = `\n${result.title} (${result.engine}, ${result.driver}, ${result.rounds} × ${result.seconds} s)`;
  const tables = result.results.flatMap((run) => [runTitle(run), textTable(tableOf(result, run))]);
  return [head, ...tables, ...remarks(result)].filter((text) => text !== '').join('\n');
}

/** A table as text: the first column to the left, the numbers to the right. */
export function textTable({ headings, rows }) {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column].length)),
  );
  const line = (row) =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(headings), rule, ...rows.map(line)].join('\n');
}
