import { posix } from 'node:path';
import sanitizeHtml from 'sanitize-html';

// Text, lists, tables and code. No style, no script, no form, and nothing that a browser would fetch.
const TAGS = [
  ...['p', 'pre', 'code', 'em', 'strong', 'i', 'b', 'sub', 'sup', 'kbd', 'samp', 'var', 'cite', 'abbr', 'q'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'blockquote', 'br', 'hr', 'a', 'del', 'ins'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'h2', 'h3', 'h4', 'h5', 'h6'],
];

/** Makes HTML of the documentation safe to show, with its links made to lead somewhere from anywhere. */
export function cleanHtml(html: string, page: string, baseUrl: string): string {
  const clean = sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: { a: ['href'], th: ['colspan', 'rowspan'], td: ['colspan', 'rowspan'], ol: ['start'] },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    transformTags: {
      a: (tagName, { href = '' }) => {
        const target = absoluteLink(href, page, baseUrl);
        const attribs: Record<string, string> = target === undefined ? {} : { href: target };
        return { tagName, attribs };
      },
      h1: 'h2',
    },
  });
  return clean.replaceAll(/\n{3,}/g, '\n\n').trim();
}

/** A link as it is anywhere else, or none where it leads to a page whose address nobody knows. */
function absoluteLink(href: string, page: string, baseUrl: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return href;
  if (baseUrl === '' || href.startsWith('/')) return undefined;
  return baseUrl + resolveLink(href, page);
}

/** Where a relative link on a page leads, as a path in the documentation. */
export function resolveLink(href: string, page: string): string {
  const [path = '', anchor] = href.split('#', 2);
  const target = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
  return anchor === undefined ? target : `${target}#${anchor}`;
}
