import { DumpError } from './dump-error.js';
import { scan } from './scan.js';

/** The object stores that Daybook has tables for. */
export const STORES = ['lists', 'tasks', 'steps'] as const;

/** One of them. */
export type StoreName = (typeof STORES)[number];

/** What a JSON object is, before anything is known of its members. */
export type JsonObject = Record<string, unknown>;

/** Drops a byte order mark. Fatal: a file in another encoding is refused, and not kept with replacement characters. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** What a file begins with that people take for JSON. */
const OTHERS: readonly [magic: readonly number[], problem: string][] = [
  [[0x50, 0x4b], 'It is a zip file: unpack it, and import the JSON in it.'],
  [[0x1f, 0x8b], 'It is compressed with gzip: unpack it, and import the JSON in it.'],
  [[0xff, 0xfe], 'It is text in UTF-16: save it as UTF-8.'],
  [[0xfe, 0xff], 'It is text in UTF-16: save it as UTF-8.'],
  [[0x7b, 0x00], 'It is text in UTF-16: save it as UTF-8.'],
  [[0x00, 0x7b], 'It is text in UTF-16: save it as UTF-8.'],
];

/**
 * Reads the JSON of an IndexedDB dump: an object of object stores, each a list of records.
 *
 * @throws DumpError where it is no such JSON, with where it breaks off and nothing of its content
 */
export function readDump(bytes: Uint8Array): JsonObject {
  const text = decode(bytes);
  const twice = scan(bytes);
  const stores = parse(text);
  if (twice !== undefined) throw new DumpError(`It has two object stores of the same name: ${twice}.`);
  if (typeof stores !== 'object' || stores === null || Array.isArray(stores)) {
    throw new DumpError('It is JSON, but no object of object stores such as {"lists": [], "tasks": []}.');
  }
  const known = STORES.filter((name) => Object.hasOwn(stores, name));
  if (known.length === 0) {
    throw new DumpError('It has none of the object stores lists, tasks and steps.');
  }
  for (const name of known) {
    const store = (stores as JsonObject)[name];
    if (store !== null && !Array.isArray(store)) throw new DumpError(`Its object store ${name} is no list.`);
  }
  return stores as JsonObject;
}

function decode(bytes: Uint8Array): string {
  const other = OTHERS.find(([magic]) => magic.every((byte, n) => bytes[n] === byte));
  if (other) throw new DumpError(other[1]);
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new DumpError('It is no text in UTF-8: save it as UTF-8.');
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') throw new DumpError('It is empty.');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DumpError(`It is no JSON, or breaks off${placeOf(error as SyntaxError, text)}.`);
  }
}

/** Where V8 has stopped, if it says so. Its message is not passed on: it repeats what it has read. */
function placeOf({ message }: SyntaxError, text: string): string {
  if (message.startsWith('Unexpected end')) return ' at its end';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position));
  return ` in line ${before.split('\n').length}, character ${before.length - before.lastIndexOf('\n')}`;
}
