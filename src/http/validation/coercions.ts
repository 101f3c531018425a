const TRUE = new Set(['true', 'on', 'yes', 'y', 't', '1']);
const FALSE = new Set(['false', 'off', 'no', 'n', 'f', '0']);

/** What the originals take for a boolean, as one; anything else as it came. */
export function toBoolean(value: unknown): unknown {
  if (value === 1) return true;
  if (value === 0) return false;
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : value;
}

/**
 * A decimal integer from a path or a query: an optional sign and digits, blanks around them.
 * A `bigint` where a number would lose digits; anything else as it came.
 */
export function toInteger(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[+-]?\d+\s*$/.test(value)) return value;
  const number = Number(value);
  // BigInt() knows no plus sign.
  return Number.isSafeInteger(number) ? number : BigInt(value.trim().replace(/^\+/, ''));
}
