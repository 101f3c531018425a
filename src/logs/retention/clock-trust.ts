const DAY_MS = 86_400_000;

/** What was known of the database's clock at a sweep. */
export interface ClockReading {
  readonly at: Date;
  /** Since when, by the same clock, it has not been trusted; null where it is trusted. */
  readonly suspectSince: Date | null;
}

/**
 * Judges a clock that now says `now`.
 *
 * One that is more than a day from the last reading, ahead or behind, may have jumped, or nobody looked meanwhile: which
 * of them cannot be told. It is trusted again once it has gone on for 24 hours without another jump.
 *
 * @param last the reading before, or undefined where there is nothing to compare with
 */
export function judgeClock(last: ClockReading | undefined, now: Date): ClockReading {
  if (!last) return { at: now, suspectSince: null };
  // Of a time that is none every comparison is false.
  const hasJumped = !(Math.abs(now.getTime() - last.at.getTime()) <= DAY_MS);
  const since = hasJumped ? now : last.suspectSince;
  return { at: now, suspectSince: since && !(now >= trustedAt(since)) ? since : null };
}

/** When a clock is trusted again that has been suspect since then. */
export function trustedAt(suspectSince: Date): Date {
  return new Date(suspectSince.getTime() + DAY_MS);
}

/** Why nothing is deleted by age at the first sweep, in a sentence. */
export const WHY_NOT_AT_FIRST =
  'This is the first sweep of log entries: it notes the time, and LOG_RETENTION_DAYS deletes from the next one on.';

/** Why nothing is deleted by age, and what to do, in a sentence. */
export function whySuspect(suspectSince: Date): string {
  return (
    'The time is more than a day from that of the last sweep of log entries: LOG_RETENTION_DAYS deletes nothing before ' +
    `${trustedAt(suspectSince).toISOString()}. If the time is right, \`daybook logs sweep --force\` deletes at once.`
  );
}
