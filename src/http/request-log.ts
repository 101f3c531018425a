import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** nginx's name for an answer that nobody waits for any more. */
const CLIENT_CLOSED_REQUEST = 499;

/** Writes one line a request when it ends: its id, route, status and milliseconds, and nothing of its content. */
export function logRequests(server: FastifyInstance): void {
  const logger = new Logger('Request');
  const log = (request: FastifyRequest, status: number, ms?: number): void =>
    logger.log({
      id: request.id,
      // The pattern and not the URL, which may hold what nobody should read in a log.
      route: `${request.method} ${request.routeOptions.url ?? '(unknown)'}`,
      status,
      ms,
    });
  server.addHook('onResponse', (request, reply, done) => {
    log(request, reply.statusCode, Math.round(reply.elapsedTime * 10) / 10);
    done();
  });
  server.addHook('onRequestAbort', (request, done) => {
    log(request, CLIENT_CLOSED_REQUEST);
    done();
  });
}
