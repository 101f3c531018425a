import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { letContinue } from './expectations.js';
import { ProblemException } from './problems.js';

/** How long a client may send nothing. */
const IDLE_MS = 60_000;

/** A body that is read as it comes. */
export interface BodyStream {
  /** `type/subtype` in lower case; nothing, where none was said or the body is compressed. */
  readonly mediaType: string;
  /**
   * @param maxMs how long it may take to come
   * @throws ProblemException 413 behind the route's limit, 408 where nothing comes any more or it takes too long
   */
  read(maxMs?: number): AsyncGenerator<Buffer, void>;
}

const sending = new WeakSet<Socket>();

/** Has a handler read the body itself, with `@Streamed() body: BodyStream`. Its limit is that of `@LargeBody(name)`. */
export const StreamedBody = (name: string) => RouteConfig({ streamedBody: true, largeBody: name });

/** The body of a request to a handler with `@StreamedBody()`. */
export const Streamed = createParamDecorator((_data: unknown, context: ExecutionContext): BodyStream => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  const mediaType = encoding === 'identity' ? type.split(';', 1)[0]!.trim().toLowerCase() : '';
  return { mediaType, read: (maxMs) => readBody(request, maxMs) };
});

/** Keeps Fastify from collecting the bodies of handlers with `@StreamedBody()`. Call it before routes are registered. */
export function streamBodies(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { streamedBody } = { ...route.config } as { streamedBody?: true };
    if (streamedBody) route.preParsing = passOver;
  });
}

/** Whether a connection is one whose request may take longer than all others. */
export const mayTakeLong = (socket: Socket): boolean => sending.has(socket);

/** Gives Fastify's parser nothing, and the length that it has been told (fastify.dev, Hooks, preParsing). */
const passOver: RouteOptions['preParsing'] = (request, _reply, _payload, done) => {
  const receivedEncodedLength = Number(request.headers['content-length'] ?? 0);
  done(null, Object.assign(Readable.from([]), { receivedEncodedLength }));
};

/** See BodyStream. */
export async function* readBody(
  { raw, routeOptions: { bodyLimit } }: FastifyRequest,
  maxMs = Infinity,
): AsyncGenerator<Buffer, void> {
  const end = performance.now() + maxMs;
  const chunks = raw[Symbol.asyncIterator]();
  letContinue(raw);
  // Not before: a body that nobody reads, as it is refused, has the time of all others.
  sending.add(raw.socket);
  try {
    for (let bytes = 0; ;) {
      const tooSlow = () => new ProblemException('request-timeout');
      const left = Math.min(IDLE_MS, end - performance.now());
      if (left <= 0) throw tooSlow();
      const { value, done } = await withTimeLimit(chunks.next(), left, tooSlow);
      if (done) return;
      bytes += (value as Buffer).length;
      if (bytes > bodyLimit) throw new ProblemException('body-too-large');
      yield value as Buffer;
    }
  } finally {
    sending.delete(raw.socket);
  }
}

function withTimeLimit<T>(work: Promise<T>, limitMs: number, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
