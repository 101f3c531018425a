import { kindWord } from '../snapshot/snapshot-format.js';

/** More words than these narrow nothing any more, and each costs time. */
const MAX_TERMS = 8;

/** So many of those that say something are looked for together: FTS5 goes through the rows of each. */
const MAX_TELLING_TERMS = 4;

/** Words of questions that say nothing about the answer, unless there are no others. */
const FILLERS = new Set(
  'a an the how do does i to of in on my is are can what which with for from and or you use using python'.split(
    ' ',
  ),
);

/** What a person has typed, as names and as words. Any text is fit for it. */
export class SearchQuery {
  /** It as a name, in lower case: `os.path.join`, also for `os path join` and `os.path.join()`. */
  readonly names: readonly string[];
  /** As it was typed, but for blanks and call brackets, to prefer what is spelled alike. */
  readonly spelling: string;
  /** Its words, each at most once. */
  readonly terms: readonly string[];

  constructor(
    text: string,
    readonly kind = '',
  ) {
    this.spelling =
      text
        .normalize('NFC')
        .trim()
        .replace(/^@(?=\w)/, '')
        .replace(/\(.*$|:$/s, '')
        .trim() || text.trim();
    const name = this.spelling.toLowerCase().replaceAll(/\s+/g, ' ');
    this.names = [
      ...new Set([name, name.replaceAll(' ', '.'), name.replaceAll(' ', '_'), name.replaceAll(' ', '')]),
    ].filter(Boolean);
    const words =
      text
        .normalize('NFC')
        .toLowerCase()
        .match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
    this.terms = [...new Set(words)].slice(0, MAX_TERMS);
  }

  /** Whether there is nothing to search for. */
  get isEmpty(): boolean {
    return this.names.length === 0;
  }

  /** The words that say something, or the last two where none does: each of these is in most of the rows. */
  get tellingTerms(): readonly string[] {
    const telling = this.terms.filter((term) => !FILLERS.has(term));
    return telling.length > 0 ? telling.slice(0, MAX_TELLING_TERMS) : this.terms.slice(-2);
  }

  /** The beginnings of these without their endings, as `RankTraits` has words: " sort". */
  get tellingStems(): readonly string[] {
    return this.tellingTerms.map((term) => ` ${stem(term)}`);
  }

  /**
   * An FTS5 expression (sqlite.org/fts5.html#full_text_query_syntax) for rows with these terms. Only letters and
   * digits get into it, in quotes, so nothing that a person types is syntax.
   *
   * The last may still be being typed: it is the beginning of a word. The others may have other endings.
   */
  match(columns: string, terms: readonly string[], join: 'AND' | 'OR'): string {
    const kind = this.kind === '' ? '' : ` AND kind : "${kindWord(this.kind)}"`;
    return `{${columns}} : (${this.phrases(terms).join(` ${join} `)})${kind}`;
  }

  private phrases(terms: readonly string[]): string[] {
    return terms.map((term, index) => {
      const isLast = index === terms.length - 1;
      if (!isLast && term.length < 3) return `"${term}"`;
      return `"${isLast ? unfinishedStem(term) : stem(term)}"*`;
    });
  }
}

/** A word without its ending, of which at least four letters stay: "sorting" is "sort", and "string" is "string". */
export function stem(term: string): string {
  return term.replace(/(?<=.{4})(ing|ed|ies|(?<=ss)es|(?<!s)s|e)$/u, '');
}

/** The stem of a word that may still be being typed: "sortin" is "sort" as "sorting" will be. */
export function unfinishedStem(term: string): string {
  return stem(term.replace(/(?<=.{4})(in?|ie)$/u, ''));
}
