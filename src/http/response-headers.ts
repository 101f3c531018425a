import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** For what is no page, such as JSON: OWASP, "REST Security Cheat Sheet", "Security Headers". */
export const DATA_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const;

const setPageHeaders = helmet({
  // Both would send browsers to https, which nobody serves where there is no proxy in front.
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  // The page of an entry leads back to the search that it was found by. Other sites are told nothing.
  referrerPolicy: { policy: 'same-origin' },
});

/** Gives every answer its request's id and what keeps browsers from misusing it. */
export function setResponseHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    void reply.header('x-request-id', request.id);
    // Its headers would replace those that the client has kept with the answer (RFC 9111, 3.2).
    if (reply.statusCode === 304) return done(null, payload);
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('text/html')) {
      setPageHeaders(request.raw, reply.raw, () => done(null, payload));
      return;
    }
    void reply.headers(DATA_HEADERS);
    // RFC 8259 defines no charset for JSON: it is UTF-8.
    if (type === 'application/json; charset=utf-8') void reply.header('content-type', 'application/json');
    done(null, payload);
  });
}
