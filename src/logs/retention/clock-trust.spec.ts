import { type ClockReading, judgeClock, trustedAt } from './clock-trust.js';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const hour = (hours: number): Date => new Date(START + hours * HOUR_MS);

/** Since which hour the clock is suspect after each of these readings, in hours. */
function suspicions(...hours: number[]): (number | null)[] {
  let reading: ClockReading | undefined;
  return hours.map((one) => {
    reading = judgeClock(reading, hour(one));
    expect(reading.at).toEqual(hour(one));
    const { suspectSince } = reading;
    return suspectSince && (suspectSince.getTime() - START) / HOUR_MS;
  });
}

describe('a clock', () => {
  it.each<[string, number[], (number | null)[]]>([
    ['is trusted at first', [0], [null]],
    ['is trusted while it goes on', [0, 1, 24, 48], [null, null, null, null]],
    ['may be set by less than a day', [0, 24, 1, 25], [null, null, null, null]],
    [
      'is suspect from a jump on, until 24 hours later',
      [0, 9_600, 9_601, 9_623.9, 9_624],
      [null, 9_600, 9_600, 9_600, null],
    ],
    ['is suspect after a jump back, too', [9_600, 0, 1, 23, 24], [null, 0, 0, 0, null]],
    ['begins anew with each jump', [0, 100, 110, 200, 210, 224], [null, 100, 100, 200, 200, null]],
    [
      'is suspect for 24 hours more when it is set right',
      [0, 9_600, 9_601, 1, 24, 25],
      [null, 9_600, 9_600, 1, 1, null],
    ],
    ['is suspect again where nobody looked meanwhile', [0, 100, 150, 151], [null, 100, 150, 150]],
  ])('%s', (_, hours, expected) => {
    expect(suspicions(...hours)).toEqual(expected);
  });

  it('is suspect where what was known of it is no time', () => {
    const last = { at: new Date('yesterday, I think'), suspectSince: null };
    expect(judgeClock(last, hour(0))).toEqual({ at: hour(0), suspectSince: hour(0) });
  });

  it('is trusted a day later', () => {
    expect(trustedAt(hour(5))).toEqual(hour(29));
  });
});
