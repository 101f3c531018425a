import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The answers to clients that wait until they are told to go on. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Tells a client that sends `Expect: 100-continue` to go on when its body is to be read, and not before: what is refused
 * without it need not be sent (RFC 9110, 10.1.1). Node does it at once.
 */
export function meetExpectations(server: FastifyInstance): void {
  server.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response);
    server.server.emit('request', request, response);
  });
  // After what is refused for its path or method, and before Fastify's parser.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.headers.expect !== undefined && isReadNow(request)) letContinue(request.raw);
    done();
  });
}

/** Whether Fastify's parser reads the body next. One that is too large it refuses, and a streamed one waits for its handler. */
function isReadNow({ headers, routeOptions: { bodyLimit, config } }: FastifyRequest): boolean {
  const { streamedBody } = config as { streamedBody?: true };
  return !streamedBody && !(Number(headers['content-length']) > bodyLimit);
}

/** Tells a client that waits for it to send its body. */
export function letContinue(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}
