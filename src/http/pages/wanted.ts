import type { IncomingMessage } from 'node:http';
import accepts from 'accepts';

/** What a request wants: a page, a part of one for htmx to put into it, or data. */
export type Wanted = 'page' | 'part' | 'data';

/** The headers that `wantedBy` looks at. */
export const VARY = ['accept', 'hx-request'] as const;

/** Reads it from the headers of a request. */
export function wantedBy(request: IncomingMessage): Wanted {
  const { accept, 'hx-request': htmx } = request.headers;
  if (htmx !== undefined) return 'part';
  // This runs at every request, and only a text type can stand before JSON.
  if (!accept?.includes('text/')) return 'data';
  // Whoever takes anything, such as curl, gets the first.
  return accepts(request).type(['json', 'html']) === 'html' ? 'page' : 'data';
}
