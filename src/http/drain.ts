import type { FastifyInstance } from 'fastify';
import { sendFailure } from './pages/failure-page.js';
import { ProblemException } from './problems.js';

/**
 * While the server stops: finishes the requests that run, closes each connection after its answer, and refuses
 * what still comes. Node closes only the connections that are idle when the stop begins.
 */
export function drainOnClose(server: FastifyInstance): void {
  let stopping = false;
  server.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (stopping) sendFailure(reply, new ProblemException('stopping'), request);
    else done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}
