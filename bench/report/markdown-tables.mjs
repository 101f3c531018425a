import { remarks, runTitle, tableOf } from './table-rows.mjs';

/** All tables of a result in Markdown, with what there is to say about them. */
export function markdownTables(result) {
  const tables = result.results.flatMap((run) => [boldly(runTitle(run)), lines(tableOf(result, run))]);
  return [...tables, ...remarks(result).map((remark) => `- ${remark}`)]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** How a result came about, in Markdown. */
export function provenance({ command, measuredAt, machine, versions, rounds, seconds }) {
  const { cpu, cores, memoryGiB, kernel, diskSyncMs, loadAverage } = machine;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\`, ${measuredAt.slice(0, 10)}: median (min–max) of ${rounds} rounds of ${seconds} s.`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, a sync of the disk ${diskSyncMs} ms,`,
    `load average ${loadAverage} before. ${list.join(', ')}.`,
  ].join(' ');
}

function boldly(text) {
  return text && `**${text}**`;
}

function lines({ headings, rows }) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = headings.map((_heading, column) => (column ? '---:' : '---'));
  return [line(headings), line(rule), ...rows.map(line)].join('\n');
}
