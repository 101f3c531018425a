/** The middle one, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** The smallest number that this share of all numbers, in percent, does not exceed. */
export function percentile(numbers, percent) {
  const sorted = Float64Array.from(numbers).toSorted();
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Median, least and most. */
export function spread(numbers) {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** The median of the ratios of two series, round by round: what disturbs a round disturbs both. */
export function pairedRatio(numbers, others) {
  return median(numbers.map((one, round) => one / others[round]));
}
