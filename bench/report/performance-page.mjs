import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatNumber, formatRatio } from '../figures.mjs';
import { markdownTables, provenance } from './markdown-tables.mjs';
import { newestResults, resultsFolder } from './results.mjs';
import { runTitle } from './table-rows.mjs';
import { writePretty } from './write-pretty.mjs';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const ENGINES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/** Writes docs/performance.md from the newest results, or a page beside other results. Answers its name. */
export async function writePage(out) {
  const page = out === undefined ? PAGE : join(resultsFolder(out), 'performance.md');
  const results = await newestResults(out);
  await mkdir(dirname(page), { recursive: true });
  const sections = results.map((result) => section(result, page));
  await writePretty(page, [...head(results), ...sections].join('\n\n'));
  return basename(page);
}

function head(results) {
  const contestants = new Map(
    results.flatMap(({ results: runs }) => runs[0].contestants).map(({ name, about }) => [name, about]),
  );
  return [
    '# Performance',
    '`npm run bench -- --publish` writes this page. What is measured and how is in [bench/README.md](../bench/README.md). ' +
      'Compare the ratios, which are the medians of the ratios round by round: the absolute numbers are those of ' +
      'one machine on one day.',
    '## Contestants',
    [...contestants].map(([name, about]) => `- \`${name}\`: ${about}`).join('\n'),
    '## Daybook beside the floor',
    overview(results),
  ];
}

/** One line for each run: Daybook's figures, and its ratios to each floor. */
function overview(results) {
  const lines = results.flatMap((result) =>
    result.results.flatMap((run) => {
      const daybook = run.contestants.find(({ name }) => name === 'daybook');
      if (!daybook?.summary) return [];
      const figures = result.figures.filter(({ ratio }) => ratio);
      const floors = run.contestants.filter(({ floor, summary }) => floor && summary);
      const shown = figures.map(({ key, title }) => `${formatNumber(daybook.summary[key].median)} ${title}`);
      const ratios = floors.map(
        ({ name }) =>
          `${name}: ${figures.map(({ key }) => formatRatio(daybook.ratios[name]?.[key])).join(' and ')}`,
      );
      const what = [result.scenario, runTitle(run)].filter((text) => text !== '').join(', ');
      return [`| ${what} | ${ENGINES[result.engine]} | ${shown.join(', ')} | ${ratios.join('; ')} |`];
    }),
  );
  const heading =
    '| scenario | engine | Daybook | the same as multiples of the floor |\n| --- | --- | --- | --- |';
  return [heading, ...lines].join('\n');
}

function section(result, page) {
  const chart = `${relative(dirname(page), result.file)}.svg`;
  const title = `${result.title} (${ENGINES[result.engine]})`;
  const parts = [
    `## ${title}`,
    result.note,
    `![${title}](${chart})`,
    markdownTables(result),
    provenance(result),
  ];
  return parts.filter(Boolean).join('\n\n');
}
