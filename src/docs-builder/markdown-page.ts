import { load } from 'cheerio';
import GithubSlugger from 'github-slugger';
import { marked } from 'marked';
import type { PageDraft } from './draft.js';
import { oneLine } from './plain-text.js';
import { readSphinxPage } from './sphinx-page.js';

/** Reads a page of Markdown: the page and its headings. */
export function readMarkdownPage(markdown: string, page: string, baseUrl: string): PageDraft {
  const { entries, links } = readSphinxPage(sectioned(markdown, page), page, [], baseUrl);
  const first = entries.find(({ name, pageTitle }) => name === pageTitle);
  return { entries: entries.map((entry) => (entry === first ? { ...entry, kind: 'page' } : entry)), links };
}

/** Markdown as HTML in which each heading begins a section, as Sphinx has it, with GitHub's anchors. */
function sectioned(markdown: string, page: string): string {
  const $ = load(marked.parse(markdown, { async: false }), null, false);
  const slugger = new GithubSlugger();
  $('a[href]').addClass('internal');
  const main = $('<main></main>');
  const open = [{ level: 0, element: main }];
  for (const node of $.root().contents().toArray()) {
    const level = 'tagName' in node ? Number(/^h([1-6])$/.exec(node.tagName)?.[1] ?? 0) : 0;
    if (level > 0) {
      while ((open.at(-1)?.level ?? 0) >= level) open.pop();
      const element = $('<section></section>').attr('id', slugger.slug(oneLine($(node).text())));
      open.at(-1)?.element.append(element);
      open.push({ level, element });
    }
    open.at(-1)?.element.append($(node));
  }
  return `<title>${page}</title>${$.html(main)}`;
}
