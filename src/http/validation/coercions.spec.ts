import { toBoolean, toInstant, toInstantOrAgo, toInteger } from './coercions.js';

describe('toBoolean', () => {
  it.each([true, 1, 'true', 'TRUE', 'on', 'On', 'yes', 'y', 'Y', 't', 'T', '1'])(
    'takes %j for true',
    (value) => {
      expect(toBoolean(value)).toBe(true);
    },
  );

  it.each([false, 0, -0, 'false', 'False', 'off', 'OFF', 'no', 'n', 'N', 'f', 'F', '0'])(
    'takes %j for false',
    (value) => {
      expect(toBoolean(value)).toBe(false);
    },
  );

  it.each([undefined, null, 2, -1, 0.5, NaN, 1n, '', ' ', ' true', 'true ', '2', '1.0', '00', 'ja', 'null'])(
    'leaves %s as it is',
    (value) => {
      expect(toBoolean(value)).toBe(value);
    },
  );

  it.each([[[]], [[true]], [{}]])('leaves the object %j as it is', (value) => {
    expect(toBoolean(value)).toBe(value);
  });
});

describe('toInteger', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['+7', 7],
    ['-7', -7],
    ['007', 7],
    [' 7 ', 7],
    ['\t7\n', 7],
    ['2147483648', 2_147_483_648],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
  ])('reads %j as %d', (text, value) => {
    expect(toInteger(text)).toBe(value);
  });

  it.each([
    ['9007199254740992', 9_007_199_254_740_992n],
    ['+9007199254740993', 9_007_199_254_740_993n],
    ['-9007199254740993', -9_007_199_254_740_993n],
    [' 99999999999999999999 ', 99_999_999_999_999_999_999n],
    ['9'.repeat(400), 10n ** 400n - 1n],
  ])('reads %s without losing a digit', (text, value) => {
    expect(toInteger(text)).toBe(value);
  });

  it.each([
    ...['', ' ', '1.5', '1.0', '1e0', '0x1', '0b1', '1_000', '1,000', '1 2', '- 1', '--1', '+-1', '+', '1n'],
    ...['true', 'NaN', 'Infinity', '１', '1\u0000', undefined, null, 1.5, true],
  ])('leaves %j as it is', (value) => {
    expect(toInteger(value)).toBe(value);
  });
});

describe('toInstant', () => {
  it.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22T15:00', '2026-11-22T15:00:00.000Z'],
    [' 2026-11-22 15:00:01.12345z ', '2026-11-22T15:00:01.123Z'],
    ['2026-11-22T15:00:00+05:30', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T15:00:00 05:30', '2026-11-22T09:30:00.000Z'],
    ['2026-12-31T23:00:00-0200', '2027-01-01T01:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
  ])('takes %j for %s', (value, instant) => {
    expect(toInstant(value)).toBe(instant);
  });

  it.each([
    '',
    'now',
    '1h',
    '2026-11',
    '2025-02-29',
    '2026-11-22T24:00:01Z',
    '2026-11-22T15:60Z',
    '2026-11-22T15:00:00+19:00',
    '2026-11-22T15:00:00+01:60',
    '0000-01-01',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '10000-01-01',
    5,
    null,
  ])('leaves %j as it is', (value) => {
    expect(toInstant(value)).toBe(value);
  });
});

describe('toInstantOrAgo', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['1h', 3_600],
    ['7d', 604_800],
    ['2w', 1_209_600],
  ])('takes %j for the time so long ago', (value, seconds) => {
    const before = Date.now();
    const instant = Date.parse(toInstantOrAgo(value) as string) + seconds * 1_000;
    expect(instant).toBeGreaterThanOrEqual(before);
    expect(instant).toBeLessThanOrEqual(Date.now());
  });

  it.each(['1', '1M', 'h', '-1h', '1.5h', '1y', '999999999w', '99999999d'])('leaves %j as it is', (value) => {
    expect(toInstantOrAgo(value)).toBe(value);
  });
});
