import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { lineChart } from './line-chart.mjs';
import { endpointTable, failureTable, sentences } from './tables.mjs';

/** How many kinds of failures have a line of their own. */
const LINES = 5;

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #24292f; --quiet: #57606a; --rule: #d0d7de; --wrong: #b3261e;
  --line-0: #0969da; --line-1: #9a6700; --line-2: #a40e26; --line-3: #1a7f37; --line-4: #8250df; --line-5: #57606a }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --quiet: #9198a1; --rule: #3d444d;
  --wrong: #ff938a; --line-0: #58a6ff; --line-1: #d29922; --line-2: #ff7b72; --line-3: #3fb950; --line-4: #bc8cff;
  --line-5: #9198a1 } }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem } p { margin: .4rem 0 } h2 { font-size: 1.15rem; margin-top: 2rem }
.wrong { color: var(--wrong); font-weight: 600 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--rule); text-align: end; white-space: nowrap }
th:first-child, td:first-child, .texts :is(th, td) { text-align: start }
.texts td { white-space: normal } tbody th { font-weight: inherit }
tr.all { font-weight: 600 }
svg { display: block; width: 100%; height: auto; margin-top: 1.5rem }
svg text { font: 13px system-ui, sans-serif; fill: var(--text) }
svg .heading { font-weight: 600; font-size: 15px }
.grid { stroke: var(--rule) }
polyline { fill: none; stroke-linejoin: round } polyline, svg [class^=line] { stroke-width: 2 }
.line-0 { stroke: var(--line-0) } .line-1 { stroke: var(--line-1); stroke-dasharray: 8 3 }
.line-2 { stroke: var(--line-2); stroke-dasharray: 2 3 } .line-3 { stroke: var(--line-3); stroke-dasharray: 10 3 2 3 }
.line-4 { stroke: var(--line-4); stroke-dasharray: 5 5 } .line-5 { stroke: var(--line-5); stroke-dasharray: 1 5 }
.dot { fill: var(--ground) }
.second { fill: transparent } .second:hover { fill: var(--quiet); fill-opacity: .2 }
`;

/** The report of a result: one HTML document that needs nothing else, and runs nothing. */
export function reportPage(result) {
  const { host, failed, samples } = result;
  const title = `Load test of ${host}`;
  const page = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      // Or a browser asks the server that has the page for one.
      h('link', { rel: 'icon', href: 'data:,' }),
      h('title', null, title),
      h('style', { dangerouslySetInnerHTML: { __html: STYLE } }),
    ),
    h(
      'body',
      null,
      h(
        'main',
        null,
        h('h1', null, title),
        h('p', { class: failed > 0 ? 'wrong' : undefined }, sentences(result)[0]),
        sentences(result)
          .slice(1)
          .map((sentence) => h('p', null, sentence)),
        samples.length > 0 && charts(samples),
        h('h2', null, 'Endpoints'),
        numbers(endpointTable(result)),
        h(
          'p',
          null,
          'The times are those of the answers with 2xx. Each user sends its next request when the last is answered.',
        ),
        h('h2', null, 'Failures'),
        failed > 0 ? failuresOf(result) : h('p', null, 'There were none.'),
        h('h2', null, 'What was run'),
        facts(result),
      ),
    ),
  );
  return `<!DOCTYPE html>\n${renderToString(page)}\n`;
}

function charts(samples) {
  const seconds = samples.map(({ at }) => at);
  const lineOf = (name, key = name) => ({ name, values: samples.map((sample) => sample[key]) });
  return [
    lineChart({ title: 'Requests', unit: '2xx/s', seconds, lines: [lineOf('requests', 'perSecond')] }),
    lineChart({
      title: 'Latency',
      unit: 'ms',
      seconds,
      lines: ['p50', 'p95', 'p99'].map((name) => lineOf(name)),
    }),
  ];
}

function failuresOf(result) {
  const { samples } = result;
  const kinds = [...new Set(result.failures.map(({ kind }) => kind))];
  const [own, others] = [kinds.slice(0, LINES), kinds.slice(LINES)];
  const inSecond = (sample, some) => some.reduce((sum, kind) => sum + (sample.failures[kind] ?? 0), 0);
  const lineOf = (name, some) => ({ name, values: samples.map((sample) => inSecond(sample, some)) });
  const lines = own.map((kind) => lineOf(kind, [kind]));
  if (others.length > 0) lines.push(lineOf('others', others));
  return [
    lineChart({ title: 'Failures', unit: 'in each second', seconds: samples.map(({ at }) => at), lines }),
    numbers(failureTable(result), 'texts'),
  ];
}

function numbers({ headings, rows }, kind) {
  return h(
    'div',
    // What scrolls must be in reach of the keyboard.
    { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': `Table of each ${headings[0]}` },
    h(
      'table',
      { class: kind },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          headings.map((heading) => h('th', { scope: 'col' }, heading)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(([first, ...cells]) =>
          h(
            'tr',
            { class: first === 'all' ? 'all' : undefined },
            h('th', { scope: 'row' }, first),
            cells.map((cell) => h('td', null, cell)),
          ),
        ),
      ),
    ),
  );
}

function facts({ host, startedAt, settings, versions, machine }) {
  const mix = Object.entries(settings.mix).map(([endpoint, weight]) => `${endpoint} = ${weight}`);
  const list = {
    Server: host,
    Began: startedAt,
    Users: settings.users,
    Duration: `${settings.duration} s`,
    Mix: mix.join(', '),
    Versions: Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    'Machine of the test': machine,
  };
  return h(
    'table',
    { class: 'texts' },
    h(
      'tbody',
      null,
      Object.entries(list).map(([name, value]) =>
        h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value)),
      ),
    ),
  );
}
