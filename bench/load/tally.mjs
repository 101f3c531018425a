import { createHistogram } from 'node:perf_hooks';

/** Microseconds with three digits: the memory is the same however long the test takes. */
const newHistogram = () => createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });

/**
 * Counts what the users meet: second by second, by endpoint, and the failures by kind.
 * Percentiles are milliseconds of the answers with 2xx: a failure is often fast, and would make a server look good.
 */
export class Tally {
  /** What each second has brought. */
  samples = [];
  #endpoints = new Map();
  #failures = new Map();
  #all = newHistogram();
  #second = newHistogram();
  #secondFailures = {};
  #begin = performance.now();
  #secondBegin = this.#begin;

  constructor(endpoints) {
    for (const endpoint of endpoints) {
      this.#endpoints.set(endpoint, { failed: 0, histogram: newHistogram() });
    }
  }

  /** An answer of 2xx came. */
  succeed(endpoint, milliseconds) {
    const microseconds = Math.max(1, Math.round(milliseconds * 1_000));
    for (const one of [this.#all, this.#second, this.#endpoints.get(endpoint).histogram])
      one.record(microseconds);
  }

  /** Another answer came, or none; `kind` says which. */
  fail(endpoint, kind) {
    this.#endpoints.get(endpoint).failed += 1;
    const byEndpoint = this.#failures.get(kind) ?? new Map();
    this.#failures.set(kind, byEndpoint.set(endpoint, (byEndpoint.get(endpoint) ?? 0) + 1));
    this.#secondFailures[kind] = (this.#secondFailures[kind] ?? 0) + 1;
  }

  /** Ends a second. Answers what it has brought. */
  endSecond() {
    const now = performance.now();
    const seconds = (now - this.#secondBegin) / 1_000;
    const sample = {
      at: round((now - this.#begin) / 1_000),
      ...latencies(this.#second, seconds),
      failures: this.#secondFailures,
      failuresPerSecond: round(sum(Object.values(this.#secondFailures)) / seconds),
    };
    // The rest at the end can be too short for a rate.
    if (seconds >= 0.5 || this.samples.length === 0) this.samples.push(sample);
    this.#second.reset();
    this.#secondFailures = {};
    this.#secondBegin = now;
    return sample;
  }

  /** What the whole test has brought. */
  totals() {
    const seconds = (this.#secondBegin - this.#begin) / 1_000;
    const endpoints = [...this.#endpoints].map(([endpoint, { failed, histogram }]) => ({
      ...{ endpoint, requests: histogram.count + failed, succeeded: histogram.count, failed },
      ...latencies(histogram, seconds),
    }));
    const failures = [...this.#failures].flatMap(([kind, byEndpoint]) =>
      [...byEndpoint].map(([endpoint, count]) => ({ kind, endpoint, count })),
    );
    const failed = sum(failures.map(({ count }) => count));
    return {
      seconds: round(seconds),
      ...{ requests: this.#all.count + failed, succeeded: this.#all.count, failed },
      ...latencies(this.#all, seconds),
      endpoints,
      failures: failures.toSorted((a, b) => b.count - a.count),
    };
  }
}

function latencies(histogram, seconds) {
  const milliseconds = (microseconds) => (histogram.count > 0 ? round(microseconds / 1_000) : null);
  return {
    perSecond: round(histogram.count / seconds),
    p50: milliseconds(histogram.percentile(50)),
    p95: milliseconds(histogram.percentile(95)),
    p99: milliseconds(histogram.percentile(99)),
    max: milliseconds(histogram.max),
  };
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(number) {
  return Math.round(number * 100) / 100;
}
