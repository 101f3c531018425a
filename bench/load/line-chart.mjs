import { h } from 'preact';

const WIDTH = 760;
const HEIGHT = 250;
const LEFT = 64;
const RIGHT = 16;
const TOP = 36;
const BOTTOM = 34;
const GROUND = HEIGHT - BOTTOM;
const LEGEND_ROW = 20;

/**
 * Lines over the seconds of a test as SVG, with what each second was where the pointer rests.
 *
 * @param {{ title: string, unit: string, seconds: number[],
 *           lines: { name: string, values: (number | null)[] }[] }} chart
 * `seconds` are the ends of what was measured; a value is null where there was nothing to measure.
 */
export function lineChart({ title, unit, seconds, lines }) {
  const most = Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const [, ...ticks] = ticksTo(most || 1, 4);
  const largest = ticks.at(-1);
  const last = seconds.at(-1);
  const x = (second) => round(LEFT + (second / last) * (WIDTH - LEFT - RIGHT));
  const y = (value) => round(GROUND - (value / largest) * (GROUND - TOP));
  const entries = lines.length > 1 ? legendOf(lines) : [];
  const lower = entries.length > 0 ? (entries.at(-1).row + 1) * LEGEND_ROW : 0;
  const frame = { viewBox: `0 0 ${WIDTH} ${HEIGHT + lower}`, role: 'img' };
  return h(
    'svg',
    { ...frame, 'aria-label': describe({ title, unit, lines }) },
    h('text', { class: 'heading', x: 0, y: 16 }, `${title}, ${unit}`),
    entries.map(({ name, left, row }, index) => {
      const height = 32 + row * LEGEND_ROW;
      return [
        h('line', { class: `line-${index}`, x1: left, x2: left + 24, y1: height, y2: height }),
        h('text', { x: left + 30, y: height + 4 }, name),
      ];
    }),
    h(
      'g',
      { transform: `translate(0 ${lower})` },
      [0, ...ticks].map((tick) => [
        h('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
        h('text', { x: LEFT - 8, y: y(tick) + 4, 'text-anchor': 'end' }, format(tick)),
      ]),
      ticksTo(last, 8)
        .filter((tick) => tick <= last)
        .map((tick) =>
          h('text', { x: x(tick), y: HEIGHT - 12, 'text-anchor': 'middle' }, `${format(tick)} s`),
        ),
      lines.map(({ values }, index) =>
        runsOf(values, seconds).map((run) =>
          run.length === 1
            ? h('circle', { class: `dot line-${index}`, cx: x(run[0].second), cy: y(run[0].value), r: 3 })
            : h('polyline', {
                class: `line-${index}`,
                points: run.map(({ second, value }) => `${x(second)},${y(value)}`).join(' '),
              }),
        ),
      ),
      seconds.map((second, index) => {
        const from = x(seconds[index - 1] ?? 0);
        const said = lines.map(({ name, values }) => `${name}: ${format(values[index])}`);
        return h(
          'rect',
          { class: 'second', x: from, y: TOP, width: round(x(second) - from), height: GROUND - TOP },
          h('title', null, [`${Math.round(second)} s`, ...said].join('\n')),
        );
      }),
    ),
  );
}

/** Round numbers from 0 to at least this one, which is above 0: some `count` of them. */
function ticksTo(largest, count) {
  const rough = largest / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) * power;
  const ticks = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: ticks + 1 }, (_none, index) => Number((index * step).toPrecision(12)));
}

/** Where the names of the lines stand: beside each other, in as many rows as they need. */
function legendOf(lines) {
  let left = 0;
  let row = 0;
  return lines.map(({ name }) => {
    // Some seven units a letter.
    const width = name.length * 7 + 48;
    if (left > 0 && left + width > WIDTH) [left, row] = [0, row + 1];
    const entry = { name, left, row };
    left += width;
    return entry;
  });
}

/** The parts of a line between its gaps. */
function runsOf(values, seconds) {
  const runs = [[]];
  values.forEach((value, index) => {
    if (value === null) runs.push([]);
    else runs.at(-1).push({ value, second: seconds[index] });
  });
  return runs.filter((run) => run.length > 0);
}

/** What somebody hears who does not see it. */
function describe({ title, unit, lines }) {
  const ranges = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    return known.length > 0
      ? `${name} from ${format(Math.min(...known))} to ${format(Math.max(...known))}`
      : name;
  });
  return `${title}, ${unit}: ${ranges.join(', ')}`;
}

function format(number) {
  return number === null
    ? '–'
    : number.toLocaleString('en-US', { maximumFractionDigits: number < 10 ? 2 : 0 });
}

function round(number) {
  return Math.round(number * 10) / 10;
}
