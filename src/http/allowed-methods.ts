import type { FastifyInstance } from 'fastify';
import FindMyWay from 'find-my-way';
import { sendFailure } from './pages/failure-page.js';
import { ProblemException } from './problems.js';
import { ROUTER_OPTIONS } from './server.js';

/** The route that the CORS plugin adds for OPTIONS. */
const ANY_PATH = '*';

/**
 * Tells an unknown path from a wrong method on a known one, and answers OPTIONS.
 *
 * Fastify knows only routes, each a method and a path, and answers 404 to both. RFC 9110 (15.5.6) wants 405 with
 * an Allow header that names every method of the path. Call it before the routes are registered.
 */
export function answerOtherMethods(server: FastifyInstance): void {
  const paths = FindMyWay(ROUTER_OPTIONS);
  const methodsOf = new Map<string, Set<string>>();

  server.addHook('onRoute', ({ url, method }) => {
    if (url === ANY_PATH) return;
    let methods = methodsOf.get(url);
    if (!methods) {
      methods = new Set(['OPTIONS']);
      methodsOf.set(url, methods);
      paths.on('GET', url, () => undefined, methods);
    }
    for (const one of [method].flat()) methods.add(one);
  });

  // Before the body is read: nothing in it can make a wrong address right.
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 && request.method !== 'OPTIONS') return done();
    const methods = paths.find('GET', request.url)?.store as Set<string> | undefined;
    if (!methods) return sendFailure(reply, new ProblemException('not-found'), request);
    const allow = [...methods].toSorted().join(', ');
    if (request.method === 'OPTIONS') void reply.code(204).header('allow', allow).send();
    else sendFailure(reply, new ProblemException('method-not-allowed', { headers: { allow } }), request);
  });
}
