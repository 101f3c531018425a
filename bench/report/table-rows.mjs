import { formatNumber, formatRatio, formatSpread } from '../figures.mjs';

/** The heading of one run of a scenario. */
export function runTitle({ connections, readers, writers }) {
  if (readers) return `${readers} reading and ${writers} writing connections`;
  if (!connections) return '';
  return connections === 1 ? '1 connection' : `${connections} connections`;
}

/** A table of one run: the headings, and a row of texts for each contestant. */
export function tableOf(result, run) {
  const { figures } = result;
  const floors = run.contestants.filter(({ floor, failed }) => floor && failed === undefined);
  const ratios = floors.flatMap(({ name }) =>
    figures.filter(({ ratio }) => ratio).map((figure) => ({ ...figure, floor: name })),
  );
  const headings = [
    'contestant',
    ...figures.map(({ title }) => title),
    ...ratios.map(({ short, floor }) => `${short} × ${floor}`),
  ];
  const rows = run.contestants.map((contestant) => [contestant.name, ...cells(contestant, figures, ratios)]);
  return { headings, rows };
}

function cells({ name, summary, ratios: theirs, rounds, failed }, figures, ratios) {
  // Every cell of who is out is empty, and the reason is told below the table.
  if (!summary) return [...figures, ...ratios].map((_cell, index) => (index === 0 && failed ? 'failed' : ''));
  return [
    ...figures.map(({ key, sum }) =>
      sum ? formatNumber(rounds.reduce((total, one) => total + one[key], 0)) : formatSpread(summary[key]),
    ),
    ...ratios.map(({ key, floor }) => (floor === name ? '1' : formatRatio(theirs[floor]?.[key]))),
  ];
}

/** Sentences about who is not in the tables, and about the rows that were counted. */
export function remarks(result) {
  const counted = result.results[0].contestants.filter(({ rows }) => rows);
  return [
    ...result.failures.map(({ contestant, reason }) => `${contestant} failed: ${reason}.`),
    ...result.notRun.map(({ contestant, reason }) => `${contestant} was not run: ${reason}.`),
    ...(counted.length > 0
      ? [
          `${result.counted}: ${counted
            .map(
              ({ name, rows }) => `${name} ${formatNumber(rows.found)} of ${formatNumber(rows.acknowledged)}`,
            )
            .join(', ')}.`,
        ]
      : []),
  ];
}
