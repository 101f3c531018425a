import { posix } from 'node:path';
import type { EntryDraft, PageDraft } from './draft.js';
import { importanceOf } from './importance.js';
import { parseInventory } from './inventory.js';
import { readMarkdownPage } from './markdown-page.js';
import { checkPlace, type RankedEntry, writeSnapshot } from './snapshot-writer.js';
import { SourceError } from './source-error.js';
import { openSource, type SourceFiles } from './source-files.js';
import { readSphinxPage } from './sphinx-page.js';

/** What to build. */
export interface BuildOptions {
  /** A folder or an archive of Sphinx HTML, or any folders and files of Markdown. */
  readonly sources: readonly string[];
  /** The snapshot to write. */
  readonly out: string;
  /** What stands before each page's path in links, such as `https://docs.python.org/3.11/`. */
  readonly baseUrl: string;
  /** Called after each page. */
  readonly onPage?: (page: string, done: number, pages: number) => void;
}

/** What was built. */
export interface BuildReport {
  readonly pages: number;
  /** What the inventory names; none for Markdown. */
  readonly symbols: number;
  /** How many of these have a description. */
  readonly described: number;
  /** Symbols and sections. */
  readonly entries: number;
  readonly bytes: number;
}

/** A browser takes them for steps in a path, however they are escaped (url.spec.whatwg.org, dot segments). */
const UNREACHABLE = new Set(['.', '..']);

/** The pages of a source, and how to read each. */
interface Pages {
  readonly paths: readonly string[];
  read(path: string): Promise<PageDraft>;
}

/**
 * Makes a snapshot of documentation.
 *
 * @throws SourceError with a sentence where the source cannot be used, or the snapshot not be written
 */
export async function buildDocs({ sources, out, baseUrl, onPage }: BuildOptions): Promise<BuildReport> {
  // First: to read all of the source may take a minute.
  await checkPlace(out);
  const pages = await openPages(await openSource(sources), baseUrl);
  const entries: EntryDraft[] = [];
  const links = new Map<string, number>();
  for (const [index, path] of pages.paths.entries()) {
    const page = await pages.read(path);
    entries.push(...page.entries.filter(({ name }) => !UNREACHABLE.has(name)));
    for (const link of page.links) links.set(link, (links.get(link) ?? 0) + 1);
    onPage?.(path, index + 1, pages.paths.length);
  }
  if (entries.length === 0) throw new SourceError(`There is no text in ${sources.join(', ')}.`);
  const bytes = await writeSnapshot(out, rank(entries, links), baseUrl);
  const symbols = entries.filter(({ symbol }) => symbol);
  return {
    pages: pages.paths.length,
    symbols: symbols.length,
    described: symbols.filter(({ description }) => description !== undefined).length,
    entries: entries.length,
    bytes,
  };
}

async function openPages(files: SourceFiles, baseUrl: string): Promise<Pages> {
  const inventory = files.paths
    .filter((path) => posix.basename(path) === 'objects.inv')
    .toSorted((a, b) => a.length - b.length)[0];
  if (inventory !== undefined) return openSphinx(files, inventory, baseUrl);
  const paths = files.paths.filter((path) => /\.md$/i.test(path));
  if (paths.length === 0) {
    throw new SourceError('The source has neither an objects.inv, as Sphinx HTML does, nor Markdown.');
  }
  const read = async (path: string) =>
    readMarkdownPage((await files.read(path)).toString('utf8'), path, baseUrl);
  return { paths, read };
}

async function openSphinx(files: SourceFiles, inventory: string, baseUrl: string): Promise<Pages> {
  const items = parseInventory(await files.read(inventory));
  // An archive often has all of it in a folder.
  const root = inventory.slice(0, -'objects.inv'.length);
  const there = new Set(files.paths);
  const itemsOf = Map.groupBy(items, ({ page }) => page);
  const read = async (page: string) => {
    const html = there.has(root + page) ? (await files.read(root + page)).toString('utf8') : '';
    return readSphinxPage(html, page, itemsOf.get(page) ?? [], baseUrl);
  };
  return { paths: [...itemsOf.keys()].toSorted(), read };
}

/** The most important first; what is equal, by its name, so that the same source gives the same snapshot. */
function rank(entries: readonly EntryDraft[], links: ReadonlyMap<string, number>): RankedEntry[] {
  return entries
    .map((entry) => ({ ...entry, importance: importanceOf(entry, links.get(entry.place) ?? 0) }))
    .toSorted((a, b) => b.importance - a.importance || compare(a.name, b.name) || compare(a.place, b.place));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
