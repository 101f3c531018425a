import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** nginx's name for an answer that nobody waits for any more. */
const CLIENT_CLOSED_REQUEST = 499;

/** Writes one line a request when it ends: its id, route, status and milliseconds, and nothing of its content. */
export function logRequests(server: FastifyInstance): void {
  const logger = new Logger('Request');
  const running = new WeakMap<Socket, Set<FastifyReply>>();
  const end = (reply: FastifyReply, status: number): void => {
    const { request } = reply;
    if (!running.get(request.socket)?.delete(reply)) return;
    logger.log({
      id: request.id,
      // The pattern and not the URL, which may hold what nobody should read in a log.
      route: `${request.method} ${request.routeOptions.url ?? '(unknown)'}`,
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    });
  };
  // Not Fastify's onRequestAbort, which adds a listener to every request: a connection lives longer than they.
  const repliesOn = (socket: Socket): Set<FastifyReply> => {
    let replies = running.get(socket);
    if (!replies) {
      const those = (replies = new Set<FastifyReply>());
      running.set(socket, those);
      socket.once('close', () => those.forEach((reply) => end(reply, CLIENT_CLOSED_REQUEST)));
    }
    return replies;
  };
  server.addHook('onRequest', (request, reply, done) => {
    repliesOn(request.socket).add(reply);
    done();
  });
  server.addHook('onResponse', (_request, reply, done) => {
    end(reply, reply.statusCode);
    done();
  });
}
