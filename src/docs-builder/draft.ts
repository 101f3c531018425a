/** What the documentation says about an entry, once for all entries that are described together. */
export interface DescriptionDraft {
  readonly html: string;
  readonly text: string;
  /** The first sentence or so. */
  readonly summary: string;
}

/** An entry as it was read from a page, before its importance is known. */
export interface EntryDraft {
  readonly name: string;
  readonly kind: string;
  /** Whether the inventory names it; otherwise it is a section that was found on a page. */
  readonly symbol: boolean;
  /** As in code, where it has one. */
  readonly signature: string;
  /** The heading of the section that it stands for, if it does. */
  readonly heading: string;
  readonly pageTitle: string;
  /** The page's path in the documentation. */
  readonly page: string;
  /** Where it is described. Entries of one place have the same. */
  readonly place: string;
  readonly description: DescriptionDraft | undefined;
}

/** A page that was read: its entries, and where its links lead, each `page` or `page#anchor`. */
export interface PageDraft {
  readonly entries: readonly EntryDraft[];
  readonly links: readonly string[];
}
