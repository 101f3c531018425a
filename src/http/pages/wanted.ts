import type { IncomingMessage } from 'node:http';
import Negotiator from 'negotiator';
import { NDJSON } from '../json-lines.js';

const JSON_TYPE = 'application/json';
const HTML = 'text/html';

/** What a request wants: a page, a part of one for htmx to put into it, lines of JSON, or data. */
export type Wanted = 'page' | 'part' | 'lines' | 'data';

/** The headers that `wantedBy` looks at. */
export const VARY = ['accept', 'hx-request'] as const;

/** Reads it from the headers of a request. */
export function wantedBy(request: IncomingMessage): Wanted {
  const { accept, 'hx-request': htmx } = request.headers;
  if (htmx !== undefined) return 'part';
  // This runs at every request, so it first looks whether anything can stand before JSON.
  if (accept?.includes('ndjson')) {
    return preferred(request, [JSON_TYPE, NDJSON]) === NDJSON ? 'lines' : 'data';
  }
  if (!accept?.includes('text/')) return 'data';
  // Whoever takes anything, such as curl, gets the first.
  return preferred(request, [JSON_TYPE, HTML]) === HTML ? 'page' : 'data';
}

/** The type that suits the client best, or nothing where none does (RFC 9110, 12.5.1). */
function preferred(request: IncomingMessage, types: string[]): string | undefined {
  return new Negotiator(request).mediaType(types);
}
