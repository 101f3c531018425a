import { formatNumber } from '../figures.mjs';

const milliseconds = (value) => (value === null ? '–' : formatNumber(value));

/** The endpoints of a result and all of them together: the headings, and rows of texts. */
export function endpointTable(result) {
  const row = (name, weight, { requests, failed, perSecond, p50, p95, p99, max }) => [
    ...[name, weight, formatNumber(requests), formatNumber(failed), formatNumber(perSecond)],
    ...[p50, p95, p99, max].map(milliseconds),
  ];
  return {
    headings: ['endpoint', 'weight', 'requests', 'failed', '2xx/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
    rows: [
      ...result.endpoints.map((one) => row(one.endpoint, String(result.settings.mix[one.endpoint]), one)),
      row('all', '', result),
    ],
  };
}

/** The failures of a result by kind and endpoint. */
export function failureTable({ failures }) {
  return {
    headings: ['failure', 'endpoint', 'count'],
    rows: failures.map(({ kind, endpoint, count }) => [kind, endpoint, formatNumber(count)]),
  };
}

/** What happened, in sentences. */
export function sentences({ requests, succeeded, failed, seconds, perSecond, p50, p99, ...rest }) {
  const { users } = rest.settings;
  const rows = Object.entries(rest.setUp).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${plural(users, 'user')} sent ${plural(requests, 'request')} in ${formatNumber(seconds)} s: ` +
      `${plural(succeeded, 'answer')} with 2xx, ${plural(failed, 'failure')}.`,
    succeeded > 0 &&
      `${formatNumber(perSecond)} requests/s, half of them within ${formatNumber(p50)} ms, ` +
        `99 of 100 within ${formatNumber(p99)} ms.`,
    rest.stopped && 'It was stopped before its time.',
    rest.unanswered > 0 &&
      `${plural(rest.unanswered, 'request')} had no answer yet at the end; what they wrote may be there or not.`,
    rows.length > 0 && `Set up beforehand: ${rows.join(', ')}.`,
    rest.busy > 0.9 &&
      `The load test itself was busy for ${Math.round(rest.busy * 100)} % of the time: ` +
        'the server may be faster than this.',
  ].filter((sentence) => sentence);
}

function plural(count, noun) {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}
