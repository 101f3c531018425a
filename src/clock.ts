let at = 0;
let text = new Date(at).toISOString();

/** The time as ISO 8601 has it, in UTC, to the millisecond. The text is made once a millisecond: it costs 1 µs. */
export function isoNow(): string {
  const now = Date.now();
  if (now !== at) text = new Date((at = now)).toISOString();
  return text;
}
