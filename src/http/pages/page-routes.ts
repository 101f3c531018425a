import type { IncomingMessage } from 'node:http';
import { applyDecorators, Header, UseFilters } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import accepts from 'accepts';
import { NDJSON } from '../json-lines.js';
import { PageFailureFilter } from './page-failure.filter.js';
import { PAGE_HEADERS } from './page-headers.js';

/** What a request wants: a page, a part of one for htmx to put into it, lines of JSON, or data. */
type Wanted = 'page' | 'part' | 'lines' | 'data';

/** The router's rule by which one path has handlers for browsers beside those for programs. */
export const WANTED_CONSTRAINT = {
  name: 'wanted',
  storage: () => {
    const handlers = new Map<string, never>();
    return {
      get: (wanted: string) => handlers.get(wanted) ?? null,
      set: (wanted: string, handler: never) => void handlers.set(wanted, handler),
    };
  },
  deriveConstraint: wantedBy,
};

/** Reads it from the headers of a request. */
export function wantedBy(request: IncomingMessage): Wanted {
  const { accept, 'hx-request': htmx } = request.headers;
  if (htmx !== undefined) return 'part';
  if (accept?.includes('ndjson'))
    return accepts(request).type(['json', NDJSON]) === NDJSON ? 'lines' : 'data';
  // This runs at every request, and only a text type can stand before JSON.
  if (!accept?.includes('text/')) return 'data';
  // Whoever takes anything, such as curl, gets the first.
  return accepts(request).type(['json', 'html']) === 'html' ? 'page' : 'data';
}

/** Makes a handler the one for browsers; it answers HTML, and its failures are pages too. */
export const Page = () => answers('page');

/** Makes a handler the one for htmx, which answers a part of a page. */
export const PagePart = () => answers('part');

/** Makes a handler the one for those who rather have a JSON value a line; another of its path answers all others. */
export const Lines = () =>
  applyDecorators(
    RouteConstraints({ wanted: 'lines' }),
    Header('content-type', NDJSON),
    ApiExcludeEndpoint(),
  );

function answers(wanted: Wanted): MethodDecorator {
  return applyDecorators(
    RouteConstraints({ wanted }),
    UseFilters(PageFailureFilter),
    ...Object.entries(PAGE_HEADERS).map(([name, value]) => Header(name, value)),
    ApiExcludeEndpoint(),
  );
}
