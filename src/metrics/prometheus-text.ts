import type { Samples } from './samples.js';

const FAMILIES = [
  {
    name: 'daybook_cache_requests_total',
    type: 'counter',
    help: 'Requests for what may be cached, by how they were answered.',
  },
  { name: 'daybook_cache_entries', type: 'gauge', help: 'Answers that are kept.' },
  { name: 'daybook_cache_bytes', type: 'gauge', help: 'Memory of the answers that are kept, about.' },
];

/** Writes counts as Prometheus reads them (prometheus.io/docs/instrumenting/exposition_formats). */
export function toPrometheusText(samples: Samples): string {
  const lines = FAMILIES.flatMap(({ name, type, help }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...Object.entries(samples)
      .filter(([sample]) => sample.split('{', 1)[0] === name)
      .map(([sample, count]) => `${sample} ${count}`),
  ]);
  return `${lines.join('\n')}\n`;
}
