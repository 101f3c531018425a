/** What is counted, by the names that Prometheus has for it. A name with `_total` is of a number that only grows. */
export type Samples = Readonly<Record<string, number>>;

/** Adds up what several processes have counted. */
export function sumOf(all: readonly Samples[]): Samples {
  const sum: Record<string, number> = {};
  for (const [name, count] of all.flatMap((samples) => Object.entries(samples))) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

/** What is left of the counts of a process that has ended. */
export function totalsOf(samples: Samples): Samples {
  return Object.fromEntries(Object.entries(samples).filter(([name]) => name.includes('_total')));
}
