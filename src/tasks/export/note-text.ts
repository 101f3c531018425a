import { compile } from 'html-to-text';

/** Nested deeper, an ellipsis stands for the rest: the conversion follows the nesting on the stack. */
const MAX_DEPTH = 500;

/** In UTF-16 units: of very short elements these take some 100 ms, and nobody else has a turn meanwhile. */
const MAX_HTML = 100_000;

/** What makes HTML of a note: other texts have signs of comparison, types and addresses between `<` and `>`. */
const TAGS =
  'a|abbr|address|article|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|' +
  'html|i|img|ins|kbd|li|main|mark|meta|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|' +
  'td|tfoot|th|thead|title|tr|tt|u|ul';
const ATTRIBUTE = `\\s+[\\w:-]+\\s*=\\s*(?:"[^"]*"|'[^']*'|[^\\s"'<>]+)`;
const HTML = new RegExp(`</?(?:${TAGS})(?:${ATTRIBUTE})*\\s*/?>|&(?:#\\d+|#x[\\da-f]+|[a-z]+\\d*);`, 'i');

/** A blank line, as editors write it: the break and the end of its block would be two. */
const BLANK_LINE = /<(div|p)><br\s*\/?><\/\1>/gi;

const BLOCKS = /<(?:br|p|div|li|ul|ol|dl|table|tr|h[1-6]|pre|blockquote|hr)\b/i;

const converter = (preserveNewlines: boolean) =>
  compile({
    wordwrap: false,
    preserveNewlines,
    limits: { maxDepth: MAX_DEPTH },
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });

const ofBlocks = converter(false);
const ofLines = converter(true);

/**
 * A note as plain text, its line breaks kept: those of its HTML, or its own where no element breaks a line. Of HTML that
 * is longer than MAX_HTML an ellipsis stands for the rest.
 */
export function toPlainText(note: string | null): string {
  if (!note) return '';
  const text = note.replaceAll(/\r\n?/g, '\n');
  if (!HTML.test(text)) return text.trim();
  const html = text.length > MAX_HTML ? `${beginOf(text)}…` : text;
  return (BLOCKS.test(html) ? ofBlocks : ofLines)(html.replaceAll(BLANK_LINE, '<br>')).trim();
}

/** Without the tag that is cut in two. */
function beginOf(html: string): string {
  const begin = html.slice(0, MAX_HTML);
  const tag = begin.lastIndexOf('<');
  return tag > begin.lastIndexOf('>') ? begin.slice(0, tag) : begin;
}
