import { formatNumber } from '../figures.mjs';
import { runTitle } from './table-rows.mjs';

const WIDTH = 760;
const LABELS = 150;
const NUMBERS = 110;
const ROW = 22;
const BAR = 14;
const MARGIN = 16;

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600; font-size: 15px }
    .heading { font-weight: 600 }
    .number { font-variant-numeric: tabular-nums }
    .ground { fill: #fff }
    .bar { fill: #8c959f }
    .daybook { fill: #0969da }
    .floor { fill: #bf8700 }
    .spread { stroke: #24292f; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ground { fill: #0d1117 }
      .bar { fill: #6e7681 }
      .daybook { fill: #58a6ff }
      .floor { fill: #d29922 }
      .spread { stroke: #e6edf3 }
    }
  `;

/** The bars of a result: a group for each figure that has bars and each run, with lines from min to max. */
export function svgChart(result) {
  const groups = result.figures
    .filter(({ chart }) => chart)
    .flatMap((figure) => result.results.map((run) => ({ figure, run })))
    .map(({ figure, run }) => ({ figure, run, bars: run.contestants.filter(({ summary }) => summary) }));
  const parts = [
    `<text class="title" x="${MARGIN}" y="${MARGIN + 14}">${escapeText(titleOf(result))}</text>`,
  ];
  let top = MARGIN + 28;
  for (const group of groups) {
    parts.push(...drawGroup(group, top));
    top += (group.bars.length + 1) * ROW + 12;
  }
  const height = top + MARGIN - 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `  <title>${escapeText(titleOf(result))}</title>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    ...parts.map((part) => `  ${part}`),
    '</svg>',
    '',
  ].join('\n');
}

function titleOf({ title, engine }) {
  return `${title} (${engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'})`;
}

function drawGroup({ figure: { key, title }, run, bars }, top) {
  const largest = Math.max(...bars.map(({ summary }) => summary[key].max), Number.MIN_VALUE);
  const scale = (number) => (number / largest) * (WIDTH - LABELS - NUMBERS - 2 * MARGIN);
  const heading = [title, runTitle(run)].filter((text) => text !== '').join(' – ');
  const left = MARGIN + LABELS;
  return [
    `<text class="heading" x="${MARGIN}" y="${top + 15}">${escapeText(heading)}</text>`,
    ...bars.flatMap(({ name, floor, summary }, index) => {
      const y = top + (index + 1) * ROW;
      const { median, min, max } = summary[key];
      const kind = floor ? 'floor' : name === 'daybook' ? 'daybook' : 'bar';
      return [
        `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escapeText(name)}</text>`,
        `<rect class="${kind}" x="${left}" y="${y + 4}" width="${round(Math.max(1, scale(median)))}" height="${BAR}"/>`,
        `<line class="spread" x1="${round(left + scale(min))}" x2="${round(left + scale(max))}" y1="${y + 11}" y2="${y + 11}"/>`,
        `<text class="number" x="${round(left + scale(max) + 8)}" y="${y + 15}">${formatNumber(median)}</text>`,
      ];
    }),
  ];
}

function round(number) {
  return Math.round(number * 10) / 10;
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
