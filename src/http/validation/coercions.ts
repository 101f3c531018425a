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

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|([+\- ])(\d\d):?(\d\d))?)?$/i;

/**
 * A date, or a date with a time, in ISO 8601 as the text that is kept: UTC with milliseconds. Without a zone it is UTC.
 * A blank before the zone counts as a plus sign, which a query turns into one. Anything else as it came.
 */
export function toInstant(value: unknown): unknown {
  const parts = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  if (!parts) return value;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', , ...zone] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const time = Date.parse(local);
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number.isNaN(time) || new Date(time).toISOString() !== local) return value;
  const [sign, hours = '0', minutes = '0'] = zone;
  const offset = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || offset > 18 * 60) return value;
  const instant = new Date(time + (sign === '-' ? 1 : -1) * offset * 60_000).toISOString();
  return isKept(instant) ? instant : value;
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** As toInstant, and a duration such as `90s`, `15m`, `1h`, `7d` or `2w` as the time that long ago. */
export function toInstantOrAgo(value: unknown): unknown {
  const parts = typeof value === 'string' ? /^\s*(\d{1,9})([smhdw])\s*$/.exec(value) : null;
  if (!parts) return toInstant(value);
  const ago = Date.now() - Number(parts[1]) * UNIT_MS[parts[2]!]!;
  const instant = ago > -8.64e15 ? new Date(ago).toISOString() : '';
  return isKept(instant) ? instant : value;
}

/** Whether it sorts by time as text: the years before 1 and after 9999 do not. */
const isKept = (instant: string): boolean => /^(?!0000)\d{4}-/.test(instant);
