import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { sendFailure } from './pages/failure-page.js';
import { ProblemException } from './problems.js';

/** In so many turns of the event loop without a new connection, all are accepted and what they have sent is read. */
const QUIET_TURNS = 3;

/** Where they come without end. */
const ACCEPT_MS = 1_000;

/**
 * While the server stops: answers what was sent before, finishes the requests that run, closes each connection after
 * its answer, and refuses what still comes. Node closes only the connections that are idle when the stop begins.
 */
export function drainOnClose(server: FastifyInstance): void {
  let closing = false;
  let refusing = false;
  server.addHook('preClose', async () => {
    closing = true;
    await acceptWaiting(server.server);
    refusing = true;
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (refusing) sendFailure(reply, new ProblemException('stopping'), request);
    else done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/**
 * Accepts the connections that wait in the system's queue, and reads what has come on all. Closing the listening socket
 * resets those that wait (listen(2), close(2)), and closing an idle connection one whose request nobody has read yet.
 */
async function acceptWaiting(server: Server): Promise<void> {
  let quietTurns = 0;
  const onConnection = (): void => void (quietTurns = 0);
  server.on('connection', onConnection);
  const end = performance.now() + ACCEPT_MS;
  while (quietTurns < QUIET_TURNS && performance.now() < end) {
    // libuv accepts one connection a turn.
    await nextTurn();
    quietTurns += 1;
  }
  server.off('connection', onConnection);
}
