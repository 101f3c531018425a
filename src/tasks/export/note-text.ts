import { compile } from 'html-to-text';

/** Nested deeper, an ellipsis stands for the rest: the conversion follows the nesting on the stack. */
const MAX_DEPTH = 500;

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

/** A note as plain text, its line breaks kept: those of its HTML, or its own where no element breaks a line. */
export function toPlainText(note: string | null): string {
  if (!note) return '';
  return (BLOCKS.test(note) ? ofBlocks : ofLines)(note.replaceAll(/\r\n?/g, '\n')).trim();
}
