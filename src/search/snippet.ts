import { stem } from './search-query.js';

const LENGTH = 200;
/** Where in the snippet the first word that was looked for stands. */
const LEAD = 60;

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The part of a text where the words of a query are, as HTML: escaped, with `<mark>` around the words. */
export function snippetOf(text: string, terms: readonly string[]): string {
  const words = wordPattern(terms);
  const first = words ? text.search(words) : -1;
  const start = first <= LEAD ? 0 : text.indexOf(' ', first - LEAD) + 1;
  const end =
    text.length <= start + LENGTH
      ? text.length
      : Math.max(text.lastIndexOf(' ', start + LENGTH), start + LEAD);
  const part = `${start > 0 ? '… ' : ''}${text.slice(start, end).toWellFormed()}${end < text.length ? ' …' : ''}`;
  return mark(part, words);
}

function wordPattern(terms: readonly string[]): RegExp | undefined {
  if (terms.length === 0) return undefined;
  // Terms are letters and digits: there is nothing to escape.
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${terms.map(stem).join('|')})[\\p{L}\\p{N}]*`, 'giu');
}

function mark(text: string, words: RegExp | undefined): string {
  if (!words) return escape(text);
  let html = '';
  let end = 0;
  for (const match of text.matchAll(words)) {
    html += `${escape(text.slice(end, match.index))}<mark>${escape(match[0])}</mark>`;
    end = match.index + match[0].length;
  }
  return html + escape(text.slice(end));
}

/** A text as it is shown in HTML. */
function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
