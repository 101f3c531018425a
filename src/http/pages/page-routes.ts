import { applyDecorators, Header, UseFilters } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { NDJSON } from '../json-lines.js';
import { addVary } from '../vary.js';
import { PageFailureFilter } from './page-failure.filter.js';
import { PAGE_HEADERS } from './page-headers.js';
import { VARY, type Wanted, wantedBy } from './wanted.js';

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

/** Tells caches of what a path with a page depends on, failures too. Call it before the routes are registered. */
export function varyPages(server: FastifyInstance): void {
  const paths = new Set<string>();
  server.addHook('onRoute', ({ url, constraints }) => {
    if (constraints && WANTED_CONSTRAINT.name in constraints) paths.add(url);
  });
  server.addHook('onRequest', ({ routeOptions: { url } }, reply, done) => {
    if (url !== undefined && paths.has(url)) addVary(reply, VARY);
    done();
  });
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
