/**
 * What is reported of a contestant: the key of a measurement, its heading, and its use.
 *
 * @typedef {{ key: string, title: string, short?: string, ratio?: boolean, chart?: boolean, sum?: boolean }} Figure
 * `ratio`: also as a ratio to the floor, under its `short` heading. `chart`: has bars. `sum`: all rounds together, not their median.
 */

/** @type {Figure[]} What every scenario with a load reports. */
export const LOAD_FIGURES = [
  { key: 'perSecond', title: 'requests/s', short: 'req/s', ratio: true, chart: true },
  { key: 'p50', title: 'p50 ms' },
  { key: 'p99', title: 'p99 ms' },
  { key: 'cpu', title: 'CPU µs/request', short: 'CPU', ratio: true, chart: true },
  { key: 'rss', title: 'peak RSS MB' },
  { key: 'errors', title: 'errors', sum: true },
];

/** A number with as many digits as mean something. */
export function formatNumber(number) {
  if (!Number.isFinite(number)) return '–';
  const digits = number >= 100 || Number.isInteger(number) ? 0 : number >= 10 ? 1 : 2;
  return number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `median (min–max)`, or the median alone where all are the same. */
export function formatSpread({ median, min, max }) {
  const [middle, least, most] = [median, min, max].map(formatNumber);
  return least === most ? middle : `${middle} (${least}–${most})`;
}

/** How many times another's. */
export function formatRatio(ratio) {
  return ratio === undefined || !Number.isFinite(ratio) ? '–' : `${ratio.toFixed(2)} ×`;
}

/** Bytes as megabytes (10^6). */
export function megabytes(bytes) {
  return bytes / 1e6;
}
