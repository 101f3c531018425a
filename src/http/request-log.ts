import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** Writes one line a request when it is answered: its id, route, status and milliseconds, and nothing of its content. */
export function logRequests(server: FastifyInstance): void {
  const logger = new Logger('Request');
  server.addHook('onResponse', (request, reply, done) => {
    logger.log({
      id: request.id,
      // The pattern and not the URL, which may hold what nobody should read in a log.
      route: `${request.method} ${request.routeOptions.url ?? '(unknown)'}`,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    });
    done();
  });
}
