import { inflateSync } from 'node:zlib';
import { SourceError } from './source-error.js';

/** One line of a Sphinx inventory: something that the documentation describes. */
export interface InventoryItem {
  readonly name: string;
  readonly domain: string;
  readonly role: string;
  /** The page's path, such as `library/json.html`. */
  readonly page: string;
  /** The place on the page, or nothing for the page as a whole. */
  readonly anchor: string;
  /** What links to it say, where that is not its name. */
  readonly title: string;
}

/** Far more than Python's 1.6 MB: a small file that unpacks to gigabytes is no inventory. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LINE = 2_000;

// name, domain:role, priority, location, title; a name may hold blanks.
const LINE = /^(.+?)\s+([^\s:]+):(\S+)\s+-?\d+\s+(\S*)\s+(.*)$/;

/**
 * Reads the items of a Sphinx inventory, version 2: four lines of text, then lines that are compressed with zlib.
 *
 * @throws SourceError where it is none
 */
export function parseInventory(bytes: Buffer): InventoryItem[] {
  if (bytes.toString('utf8', 0, bytes.indexOf('\n') + 1).trim() !== '# Sphinx inventory version 2') {
    throw new SourceError('objects.inv is no Sphinx inventory of version 2.');
  }
  let start = 0;
  for (let line = 0; line < 4; line += 1) start = bytes.indexOf('\n', start) + 1;
  return unpack(bytes.subarray(start)).split('\n').flatMap(parseLine);
}

function unpack(bytes: Buffer): string {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_BYTES }).toString('utf8');
  } catch {
    throw new SourceError('objects.inv is damaged: its compressed part cannot be read.');
  }
}

function parseLine(line: string): InventoryItem[] {
  const match = line.length <= MAX_LINE ? LINE.exec(line.trimEnd()) : null;
  if (!match) return [];
  const [, name = '', domain = '', role = '', location = '', title = ''] = match;
  // "$" at the end stands for the name, and "-" for a title that is the name.
  const [page = '', anchor = ''] = location.replace(/\$$/, () => name).split('#', 2);
  if (leadsElsewhere(page)) return [];
  return [{ name, domain, role, page, anchor, title: title === '-' ? name : title }];
}

/** Whether it is an address, `javascript:` too, or a path out of the documentation. It would become a link. */
function leadsElsewhere(page: string): boolean {
  return /^([a-z][a-z\d+.-]*:|[/\\])|\p{Cc}/iu.test(page) || page.split(/[/\\]/).includes('..');
}
