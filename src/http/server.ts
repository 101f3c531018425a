import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HttpConfig } from '../config/http.config.js';
import { meetExpectations } from './expectations.js';
import { closeInStages, isLeftUnread } from './lingering-close.js';
import { WANTED_CONSTRAINT } from './pages/page-routes.js';
import { sendProblem, toProblem } from './problem-details.filter.js';
import { DATA_HEADERS } from './response-headers.js';
import { type ProblemCode, ProblemException, problemOf } from './problems.js';
import { mayTakeLong, streamBodies } from './streamed-body.js';

/** Both forms of a path, with and without a slash at the end, are one; a parameter may be as long as the URL. */
export const ROUTER_OPTIONS = { ignoreTrailingSlash: true, maxParamLength: 65_536 } as const;

/** `type/subtype`, with or without parameters behind it (RFC 9110, 8.3.1). */
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

/** No route has a schema of Fastify's, so what compiles them need not be loaded. */
export const NO_SCHEMAS = { buildValidator: noSchemas, buildSerializer: noSchemas } as const;

function noSchemas(): never {
  throw new Error('Routes have no schemas here: fields are checked by the validation guard.');
}

/** The Fastify server that Nest runs on, with what can only be set when it is made. */
export function createServer(config: HttpConfig): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: config.maxBodyBytes,
    genReqId: requestId,
    requestTimeout: 60_000,
    // Nothing here is a middleware, which would be looked for at every request.
    skipMiddie: true,
    // drainOnClose() answers in our own form.
    return503OnClosing: false,
    schemaController: { compilersFactory: NO_SCHEMAS },
    routerOptions: {
      ...ROUTER_OPTIONS,
      constraints: { wanted: WANTED_CONSTRAINT },
      // The last of a repeated parameter wins.
      querystringParser: (text) => (text === '' ? {} : Object.fromEntries(new URLSearchParams(text))),
    },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      // No hook runs here.
      void reply.header('x-request-id', request.id).headers(DATA_HEADERS);
      if (isLeftUnread(request.raw)) void reply.header('connection', 'close');
      sendProblem(reply, toProblem(error), request.id);
    },
    clientErrorHandler: answerClientError,
  });
  const server = adapter.getInstance();
  closeInStages(server);
  meetExpectations(server);
  // Bodies are kept as bytes: what is wrong with one is told together with the other faults of the request.
  server.removeAllContentTypeParsers();
  // Fastify refuses a content type that is none before any parser; here it is as good as no content type.
  server.addHook('onRequest', ({ raw }, _reply, done) => {
    const given = raw.headers['content-type'];
    if (given !== undefined && !MEDIA_TYPE.test(given)) delete raw.headers['content-type'];
    done();
  });
  streamBodies(server);
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return adapter;
}

/** The id that the client gave in X-Request-Id, where it is fit for a log and a URI, or a new one. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.~-]{1,128}$/.test(given) ? given : randomUUID();
}

const CLIENT_ERRORS: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** Answers what is no HTTP request, so that there is no request or reply to speak of. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // What Node calls too late may be a large body, which has a time limit of its own, or what comes after the answer, which
  // has too. Node tells of it once.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && (mayTakeLong(socket) || socket.writableEnded)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = randomUUID();
  const problem = new ProblemException(CLIENT_ERRORS[error.code ?? ''] ?? 'malformed-request');
  const body = JSON.stringify(problemOf(problem.code, id));
  const { status, title } = problemOf(problem.code, id);
  socket.write(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      ...Object.entries(DATA_HEADERS).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.destroySoon();
}
