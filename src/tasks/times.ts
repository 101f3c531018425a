import { LRUCache } from 'lru-cache';
import { DateTime, IANAZone } from 'luxon';
import { findIana } from 'windows-iana';

/** A day without a time of day: the same day in every zone. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What a time begins with. ISO 8601 has other forms, of which a day is not told from a time below. */
const BEGIN = /^\d{4}-\d{2}-\d{2}(?:T|$)/;

/** Whether it is a time in ISO 8601, with or without an offset, or a day, YYYY-MM-DD. */
export function isTime(text: string): boolean {
  return BEGIN.test(text) && DateTime.fromISO(text).isValid;
}

/** The form in which Microsoft gives nearly all times. */
const IN_UTC = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z?$/;

/** A time in milliseconds since 1970, or nothing where it is none. One without a zone is taken for UTC. */
export function toMilliseconds(text: string): number | undefined {
  const given = IN_UTC.exec(text)?.[1];
  // Luxon takes twenty times as long.
  const time = given ? Date.parse(`${given}Z`) : DateTime.fromISO(text, { zone: 'UTC' }).toMillis();
  return Number.isNaN(time) ? undefined : time;
}

/** Whether it names a time zone of the IANA, such as `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** The day of a time in another time zone, as MM/DD/YYYY. @param given the zone that the time was given in */
export function toAmericanDay(time: string, given: string | null, zone: string): string {
  return inZone(time, given, zone).toFormat('MM/dd/yyyy');
}

/** A time in another time zone, in ISO 8601 with its offset; a day as it is. */
export function toIsoTime(time: string, given: string | null, zone: string): string {
  return DAY.test(time) ? time : (inZone(time, given, zone).toISO() ?? time);
}

function inZone(time: string, given: string | null, zone: string): DateTime {
  if (DAY.test(time)) return DateTime.fromISO(time, { zone });
  return DateTime.fromISO(time, { zone: ianaOf(given) }).setZone(zone);
}

/** To ask whether there is a zone costs ten times what a conversion does. */
const zones = new LRUCache<string, string>({ max: 100 });

/** Microsoft names zones as Windows does, such as `W. Europe Standard Time`. An unknown one is taken for UTC. */
function ianaOf(name: string | null): string {
  if (name === null) return 'UTC';
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = isTimeZone(name) ? name : (findIana(name)[0] ?? 'UTC');
    zones.set(name, zone);
  }
  return zone;
}
