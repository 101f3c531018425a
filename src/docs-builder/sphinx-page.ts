import { type Cheerio, type CheerioAPI, load } from 'cheerio';
import { type AnyNode, type Element, isTag } from 'domhandler';
import { cleanHtml, resolveLink } from './clean-html.js';
import type { DescriptionDraft, EntryDraft, PageDraft } from './draft.js';
import type { InventoryItem } from './inventory.js';
import { firstSentence, oneLine } from './plain-text.js';

const SECTION = 'section, div.section';
const HEADING = 'h1, h2, h3, h4, h5, h6';
/** What a reader takes for one piece, for an anchor that is none itself. */
const BLOCK = 'p, pre, li, table, figure, div, dd, blockquote, dl';
/** Marks beside headings and signatures that are not part of them. */
const FURNITURE = 'a.headerlink, a.viewcode-link, a.viewcode-back, .linenos, script, style, nav';
/** What stands beside a text and does not say what it is about. */
const ASIDE = [
  ...['.admonition', '.seealso', '.versionadded', '.versionchanged', '.deprecated', '.deprecated-removed'],
  ...['.availability', '.audit-hook', '.impl-detail', '.refcount', '.stableabi', '.rubric', '.topic-title'],
].join(', ');

/** Reads a page of Sphinx HTML: what the inventory says is on it, and its sections. */
export function readSphinxPage(
  html: string,
  page: string,
  items: readonly InventoryItem[],
  baseUrl: string,
): PageDraft {
  return new SphinxPage(load(html), page, baseUrl).read(items);
}

class SphinxPage {
  private readonly main: Cheerio<Element>;
  private readonly title: string;
  /** What is in a section or a definition, by its titles and from the last, for one that has no text of its own. */
  private readonly contents = new Map<AnyNode | undefined, string[]>();
  private readonly described = new Map<AnyNode | undefined, DescriptionDraft | undefined>();

  constructor(
    private readonly $: CheerioAPI,
    private readonly page: string,
    private readonly baseUrl: string,
  ) {
    const found = $<Element, string>('[role=main], main, article, div.body').first();
    this.main = found.length > 0 ? found : $<Element, string>('body');
    this.main.find(FURNITURE).remove();
    this.title = oneLine(this.main.find('h1').first().text()) || oneLine($('title').text());
  }

  read(items: readonly InventoryItem[]): PageDraft {
    const { $ } = this;
    const links = this.main
      .find('a.internal[href]')
      .toArray()
      .map((link) => resolveLink($(link).attr('href') ?? '', this.page));
    const order = new Map<AnyNode, number>();
    const anchors = new Map<string, Element>();
    for (const element of this.main.find('*').toArray()) {
      order.set(element, order.size);
      if (element.attribs.id) anchors.set(element.attribs.id, element);
    }

    const itemsOf = new Map<Element, InventoryItem[]>();
    const entries: EntryDraft[] = [];
    for (const item of items) {
      const target = this.targetOf(item.anchor, anchors);
      const known = target && itemsOf.get(target);
      if (known) known.push(item);
      else if (target) itemsOf.set(target, [item]);
      else entries.push(this.entry(item, '', '', this.page, undefined));
    }
    for (const section of this.main.find(SECTION).toArray()) {
      if (!itemsOf.has(section)) itemsOf.set(section, []);
    }

    // What is inside another comes after it and is read first and taken away: each text stays with its own entry.
    const targets = [...itemsOf.keys()].toSorted((a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0));
    for (const target of targets) entries.push(...this.readTarget(target, itemsOf.get(target) ?? []));
    return { entries, links };
  }

  /** The element that an anchor is there for: a definition's head, a section, or the next best block. */
  private targetOf(anchor: string, anchors: ReadonlyMap<string, Element>): Element | undefined {
    const { $ } = this;
    if (anchor === '') return this.main.find(SECTION).get(0) ?? this.main.get(0);
    const named = anchors.get(anchor);
    if (!named) return undefined;
    const element = $(named);
    if (element.is(SECTION)) return named;
    const head = element.closest('dt');
    if (head.length > 0) return head.toArray().find(isTag);
    if (oneLine(element.text()) !== '') return element.closest(BLOCK).toArray().find(isTag) ?? named;
    const next = element.nextAll().not('span').first();
    if (element.parent().is(SECTION) && next.is(HEADING)) return element.parent().get(0);
    if (next.is('dl')) return next.children('dt').get(0) ?? next.get(0);
    return next.get(0) ?? element.parent().get(0);
  }

  private readTarget(target: Element, items: readonly InventoryItem[]): EntryDraft[] {
    const element = this.$(target);
    if (element.is('dt')) return this.readDefinition(element, items);
    if (element.is(SECTION)) return this.readSection(element, items);
    const place = this.placeOf(items[0]?.anchor);
    const description = this.describe(element.toArray());
    return items.map((item) => this.entry(item, '', item.title, place, description));
  }

  private readDefinition(head: Cheerio<Element>, items: readonly InventoryItem[]): EntryDraft[] {
    const id = head.attr('id') ?? head.find('[id]').first().attr('id') ?? items[0]?.anchor;
    // Heads without an anchor are other forms of the one before.
    const forms = head.add(head.nextUntil('dd, dt[id]', 'dt'));
    const signature = forms
      .toArray()
      .map((form) => oneLine(this.$(form).text()))
      .join('\n');
    const list = head.parent();
    this.remember(list, signature);
    const description = this.describeBody(head.nextAll('dd').first(), list);
    forms.remove();
    // The list stays, empty, to be found by one before it that has no text.
    if (list.children('dt').length === 0) this.described.set(list.empty().get(0), description);
    const place = this.placeOf(id);
    return items.map((item) => this.entry(item, signature, '', place, description));
  }

  /** The text of a definition, which several heads may share. */
  private describeBody(body: Cheerio<AnyNode>, list: Cheerio<AnyNode>): DescriptionDraft | undefined {
    const node = body.get(0);
    if (!this.described.has(node)) {
      const own = this.describe(body.contents().toArray());
      // Of definitions in a row, the last often has the text for all.
      const next = this.described.get(list.next('dl').get(0));
      this.described.set(node, own ?? next ?? this.describe(this.listOf(node)));
      body.empty();
    }
    return this.described.get(node);
  }

  private readSection(section: Cheerio<Element>, items: readonly InventoryItem[]): EntryDraft[] {
    const id = section.attr('id');
    const node = section.get(0) as AnyNode;
    const heading = section.children(HEADING).first();
    const title = oneLine(heading.text());
    heading.remove();
    const content = oneLine(section.text()) === '' ? this.listOf(node) : section.contents().toArray();
    const description = this.describe(content, title);
    this.remember(section, title);
    section.remove();
    const place = this.placeOf(id);
    if (items.length > 0) return items.map((item) => this.entry(item, '', title, place, description));
    if (title === '') return [];
    return [this.draft({ name: title, kind: 'section', heading: title, place, description })];
  }

  private remember(element: Cheerio<AnyNode>, title: string): void {
    const container = element.parent().closest(`${SECTION}, dd`).get(0);
    const known = this.contents.get(container);
    if (known) known.push(title);
    else this.contents.set(container, [title]);
  }

  private listOf(node: AnyNode | undefined): AnyNode[] {
    const list = this.$('<ul></ul>');
    for (const title of (this.contents.get(node) ?? []).toReversed()) {
      list.append(this.$('<li></li>').text(title));
    }
    return list.toArray();
  }

  private describe(nodes: AnyNode[], title = ''): DescriptionDraft | undefined {
    const { $ } = this;
    const html = cleanHtml($.html(nodes), this.page, this.baseUrl).replaceAll(/<dl>\s*<\/dl>\s*/g, '');
    const parsed = load(html, null, false);
    // Blocks are words apart even where no blank is between them.
    parsed('p, li, dt, dd, pre, td, th, tr, br, h2, h3, h4, h5, h6').append(' ');
    const text = oneLine(parsed.text());
    if (text === '') return undefined;
    return { html, text, summary: firstSentence(this.leadOf(nodes) || title || text) };
  }

  /** The first words that say what it is about, or those of a remark where there are no others. */
  private leadOf(nodes: AnyNode[]): string {
    const copy = load(this.$.html(nodes), null, false);
    copy('.admonition-title, .sidebar').remove();
    copy('p')
      .filter((_, paragraph) => oneLine(copy(paragraph).text()).startsWith('Source code:'))
      .remove();
    const firstParagraph = () =>
      copy('p')
        .toArray()
        .map((paragraph) => oneLine(copy(paragraph).text()))
        .find((one) => one !== '');
    const remark = firstParagraph();
    copy(ASIDE).remove();
    return firstParagraph() ?? (oneLine(copy.text()) || (remark ?? ''));
  }

  private entry(
    { name, domain, role, title }: InventoryItem,
    signature: string,
    heading: string,
    place: string,
    description: DescriptionDraft | undefined,
  ): EntryDraft {
    const kind = kindOf(domain, role, name, title);
    // Labels and pages are called by their titles: nobody asks for "tut-listcomps".
    const shown = kind === 'section' || kind === 'page' ? oneLine(title) : name;
    return this.draft({
      name: shown,
      kind,
      symbol: true,
      signature,
      heading: heading || title,
      place,
      description,
    });
  }

  private draft(parts: Partial<EntryDraft> & Pick<EntryDraft, 'name' | 'kind' | 'place'>): EntryDraft {
    const rest = { symbol: false, signature: '', heading: '', description: undefined };
    return { ...rest, pageTitle: this.title, page: this.page, ...parts };
  }

  private placeOf(anchor: string | undefined): string {
    return anchor ? `${this.page}#${anchor}` : this.page;
  }
}

const KINDS: Record<string, string> = {
  'std:label': 'section',
  'std:doc': 'page',
  'std:cmdoption': 'option',
  'std:envvar': 'environment',
  'c:functionParam': 'c-parameter',
};

/** What an entry is, in a word: the inventory's own, without the domain but for C. */
function kindOf(domain: string, role: string, name: string, title: string): string {
  if (role === 'label') {
    // "with" for "The with statement", and the other words of the language that have a section of their own.
    if (/^The .+ statement$/i.test(title) && /^[a-z]+( [a-z]+)?$/.test(name)) return 'statement';
    if (KEYWORDS.has(name)) return 'keyword';
  }
  return KINDS[`${domain}:${role}`] ?? (domain === 'py' || domain === 'std' ? role : `${domain}-${role}`);
}

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break case class continue def del elif else except finally for from ' +
    'global if import in is lambda match nonlocal not or pass raise return try while with yield'
  )
    .split(' ')
    .concat('not in', 'is not', 'async def', 'async for', 'async with', 'except_star'),
);
