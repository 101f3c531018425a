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

/** What `objects.inv` says. */
export interface Inventory {
  readonly project: string;
  readonly version: string;
  readonly items: readonly InventoryItem[];
}

/** Far more than Python's 1.6 MB: a small file that unpacks to gigabytes is no inventory. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LINE = 2_000;

// name, domain:role, priority, location, title; a name may hold blanks.
const LINE = /^(.+?)\s+([^\s:]+):(\S+)\s+-?\d+\s+(\S*)\s+(.*)$/;

/**
 * Reads a Sphinx inventory, version 2: four lines of text, then lines that are compressed with zlib.
 *
 * @throws SourceError where it is none
 */
export function parseInventory(bytes: Buffer): Inventory {
  const header: string[] = [];
  let start = 0;
  for (let line = 0; line < 4; line += 1) {
    const end = bytes.indexOf('\n', start);
    header.push(bytes.toString('utf8', start, Math.max(end, start)));
    start = end + 1;
  }
  if (header[0]?.trim() !== '# Sphinx inventory version 2') {
    throw new SourceError('objects.inv is no Sphinx inventory of version 2.');
  }
  const value = (line = '') => line.replace(/^# \w+:/, '').trim();
  return {
    project: value(header[1]),
    version: value(header[2]),
    items: unpack(bytes.subarray(start)).split('\n').flatMap(parseLine),
  };
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
