import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** nginx's `lingering_timeout` and `lingering_time`: how long nothing may come after the answer, and how long something. */
const IDLE_MS = 5_000;
const LONGEST_MS = 30_000;

/** How long something may come after the answer once the service stops. */
const STOPPING_MS = 2_000;

/** So many connections may be read after their answer; each is a file descriptor of the process. */
const MOST = 1_000;

/** What is left of a body that is as short as this is soon read, and the connection goes on. */
const SHORT_BYTES = 65_536;

/**
 * Closes connections in stages (RFC 9112, 9.6): first this side, and the other when the client has closed it too, or
 * after a time.
 *
 * Node destroys a connection after its last answer. What the client has sent and nobody has read is then answered
 * with a reset, which deletes the answer where the client has not read it yet. Call it before the server listens.
 */
export function closeInStages(server: FastifyInstance, most = MOST): void {
  /** Oldest first. */
  const lingering = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    // It is by this that Node closes a connection when its last answer is written.
    socket.destroySoon = () => {
      lingeringClose(socket);
      lingering.add(socket);
      socket.once('close', () => lingering.delete(socket));
      if (lingering.size > most) lingering.values().next().value?.destroy();
    };
  });
  server.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (isLeftUnread(raw)) void reply.header('connection', 'close');
    done(null, payload);
  });
  // Only those who have their answer already: whoever gets it while the service stops may need longer to read it.
  server.addHook('preClose', (done) => {
    for (const socket of lingering) setTimeout(() => socket.destroy(), STOPPING_MS).unref();
    done();
  });
}

/** Ends a connection after what is written to it. What still comes is read, so that it is no reset, and thrown away. */
export function lingeringClose(socket: Socket): void {
  if (socket.writable) socket.end();
  const timer = setTimeout(() => socket.destroy(), LONGEST_MS).unref();
  socket.once('close', () => clearTimeout(timer)).setTimeout(IDLE_MS, () => socket.destroy());
  // Node has stopped reading where the handler took too little of a body, and begins again in its own listener to
  // `resume`, which it takes away when somebody else listens to `data`.
  if (socket.isPaused()) socket.once('resume', () => discard(socket)).resume();
  else discard(socket);
}

function discard(socket: Socket): void {
  // Node's parser would read the next request, which gets no answer any more, and wait for who reads the body.
  socket
    .removeAllListeners('data')
    .on('data', () => undefined)
    .resume();
}

/** Whether an answer comes before the end of a body that may be long, or whose rest nobody reads. */
export function isLeftUnread(request: IncomingMessage): boolean {
  if (request.readableDidRead) return !request.readableEnded;
  if (request.complete) return false;
  // Node knows only later that a request without a body is complete.
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > SHORT_BYTES;
}
