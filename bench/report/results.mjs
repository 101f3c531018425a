import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENARIOS } from '../scenarios/all-scenarios.mjs';
import { markdownTables, provenance } from './markdown-tables.mjs';
import { writePretty } from './write-pretty.mjs';
import { svgChart } from './svg-chart.mjs';

const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

/** The folder of the results: the one that is asked for, or bench/results. */
export function resultsFolder(out) {
  return out === undefined ? RESULTS : resolve(out);
}

/** Writes a result as JSON, as a Markdown table and as an SVG chart, under one name. */
export async function saveResult(result, out) {
  const folder = resultsFolder(out);
  await mkdir(folder, { recursive: true });
  const name = join(folder, `${result.measuredAt.slice(0, 10)}-${result.scenario}-${result.engine}`);
  await writePretty(`${name}.json`, JSON.stringify(result));
  const parts = [
    `# ${result.title} (${result.engine})`,
    result.note,
    markdownTables(result),
    provenance(result),
  ];
  await writePretty(`${name}.md`, parts.filter(Boolean).join('\n\n'));
  await writeFile(`${name}.svg`, svgChart(result));
}

/** The newest result of each scenario on each engine, in the order of the scenarios, each with its file's name. */
export async function newestResults(out) {
  const folder = resultsFolder(out);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'));
  const all = await Promise.all(
    files.map(async (file) => ({
      ...JSON.parse(await readFile(join(folder, file), 'utf8')),
      file: join(folder, file.replace(/\.json$/, '')),
    })),
  );
  const newestFirst = all.toSorted((a, b) => b.measuredAt.localeCompare(a.measuredAt));
  return SCENARIOS.flatMap(({ name, engines }) => engines.map((engine) => ({ name, engine })))
    .map(({ name, engine }) => newestFirst.find((one) => one.scenario === name && one.engine === engine))
    .filter((result) => result !== undefined);
}
