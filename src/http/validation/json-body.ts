import type { FastifyRequest } from 'fastify';
import { type Fault, ProblemException } from '../problems.js';

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json$/i;

/** Fatal: bytes that are not UTF-8 are a fault, not a replacement character. It drops a byte order mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON value of a request's body, whose bytes Fastify has collected; `undefined` where there is none.
 * A body that is no JSON is added to `faults`.
 *
 * @throws ProblemException 415 for another content type, or none, from another site's page
 */
export function readJsonBody(
  request: FastifyRequest,
  allowedOrigins: readonly string[],
  faults: Fault[],
): unknown {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return undefined;
  refuseOtherSites(request, allowedOrigins);
  try {
    return JSON.parse(UTF_8.decode(request.body));
  } catch {
    // V8's message repeats the input, which may hold a password.
    faults.push({ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' });
    return null;
  }
}

/** @throws ProblemException 415 where the page of another site may have sent what is not said to be JSON */
export function refuseOtherSites(request: FastifyRequest, allowedOrigins: readonly string[]): void {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim();
  if (!(mediaType && JSON_TYPE.test(mediaType)) && isFromAnotherSite(request, allowedOrigins)) {
    throw new ProblemException('unsupported-media-type');
  }
}

/**
 * Whether a web page of another site may have sent this.
 *
 * A page can send a form's content types, or none, anywhere without asking first (fetch.spec.whatwg.org,
 * "CORS-safelisted request-header"). Those are taken where no page is behind them, as with curl, or an allowed one.
 */
function isFromAnotherSite({ headers }: FastifyRequest, allowedOrigins: readonly string[]): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const { origin, host } = headers;
  // Without the scheme: behind a proxy that ends TLS the page's is https and ours http.
  return (
    origin !== undefined && origin.replace(/^https?:\/\//, '') !== host && !allowedOrigins.includes(origin)
  );
}
