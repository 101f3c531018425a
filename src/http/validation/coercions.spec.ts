import { toBoolean, toInteger } from './coercions.js';

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
