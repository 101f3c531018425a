import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** nginx's name for an answer that nobody waits for any more. */
const CLIENT_CLOSED_REQUEST = 499;

/** Writes one line a request when it ends: its id, route, status and milliseconds, and nothing of its content. */
export function logRequests(server: FastifyInstance): void {
  const logger = new Logger('Request');
  const running = new Set<FastifyReply>();
  const end = (reply: FastifyReply, status: number): void => {
    if (!running.delete(reply)) return;
    const { request } = reply;
    logger.log({
      id: request.id,
      // The pattern and not the URL, which may hold what nobody should read in a log.
      route: `${request.method} ${request.routeOptions.url ?? '(unknown)'}`,
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    });
  };
  server.addHook('onRequest', (_request, reply, done) => {
    running.add(reply);
    done();
  });
  server.addHook('onResponse', (_request, reply, done) => {
    end(reply, reply.statusCode);
    done();
  });
  // Not Fastify's onRequestAbort, which adds a listener to every request: a connection lives longer than they.
  server.server.on('connection', (socket: Socket) => {
    socket.once('close', () => {
      for (const reply of running) if (reply.request.raw.socket === socket) end(reply, CLIENT_CLOSED_REQUEST);
    });
  });
}
