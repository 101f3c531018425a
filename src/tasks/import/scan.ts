import { DumpError } from './dump-error.js';

/** JSON.parse takes 16 s and 1.3 GB for 31 MiB of lists in lists. Records that are too deep are told one by one. */
const MAX_DEPTH = 10_000;

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
/** Not fatal: the text as a whole was decoded before. */
const UTF_8 = new TextDecoder();

const [BEGIN_LIST, END_LIST, BEGIN_OBJECT, END_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Looks for what JSON.parse does not tell: of two members with the same name it gives the second only. The bytes may be
 * no JSON at all. In UTF-8 those of its signs occur in no other character.
 *
 * @returns the first name that the outermost object has twice, if there is one
 * @throws DumpError where it is nested too deep to be parsed
 */
export function scan(json: Uint8Array): string | undefined {
  const names = new Set<string>();
  let twice: string | undefined;
  let depth = 0;
  /** Where the last text begins, while it may be a name; none otherwise. */
  let begin = -1;
  let end = 0;
  for (let n = 0; n < json.length; n += 1) {
    const byte = json[n];
    if (byte === QUOTE) {
      begin = n;
      end = n = endOfText(json, n + 1);
    } else if (byte === BEGIN_LIST || byte === BEGIN_OBJECT) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new DumpError(`It is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (byte === END_LIST || byte === END_OBJECT) {
      depth -= 1;
    } else if (byte === COLON && depth === 1 && begin >= 0) {
      const name = nameIn(json.subarray(begin, end + 1));
      if (names.has(name)) twice ??= name;
      names.add(name);
      // What is no JSON may have any number of colons.
      begin = -1;
    }
  }
  return twice;
}

/** Where the quotation mark is that ends a text. */
function endOfText(json: Uint8Array, from: number): number {
  let n = from;
  while (n < json.length && json[n] !== QUOTE) n += json[n] === BACKSLASH ? 2 : 1;
  return n;
}

/** A name may be written with escapes, or be none as the rest is no JSON. */
function nameIn(bytes: Uint8Array): string {
  const text = UTF_8.decode(bytes);
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
