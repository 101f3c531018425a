import type { Socket } from 'node:net';
import { write } from './raw-connections.js';

/** A request with a large body, which is refused before that is read. */
export interface RefusedRequest {
  readonly what: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Without Content-Length. */
  readonly chunked: boolean;
  readonly status: number;
}

/** The settings for which the list below holds. */
export const REFUSING = { BULK_MAX_BYTES: '32000000' };

/** More than the buffers of both ends of a connection take. */
const LARGE = 30_000_000;
const NDJSON = { 'content-type': 'application/x-ndjson' };

const refused = (
  what: string,
  status: number,
  path: string,
  given: Partial<RefusedRequest> = {},
): RefusedRequest => ({
  what,
  status,
  path,
  method: 'POST',
  headers: {},
  bytes: LARGE,
  chunked: false,
  ...given,
});

export const refusedRequests: readonly RefusedRequest[] = [
  refused('a body too large', 413, '/log'),
  refused('a body too large, without its length', 413, '/log', { chunked: true }),
  refused('a stream too large', 413, '/logs', { headers: NDJSON, bytes: 40_000_000 }),
  refused('a stream too large, without its length', 413, '/logs', {
    headers: NDJSON,
    bytes: 40_000_000,
    chunked: true,
  }),
  refused('a media type', 415, '/logs', { headers: { 'content-type': 'text/csv' } }),
  refused('an unknown path', 404, '/nowhere'),
  refused('a method', 405, '/logs', { method: 'PUT' }),
  refused('a query', 422, '/logs?atomic=perhaps', { headers: NDJSON }),
];

/** Is refused with 503 while `ATOMIC_AT_ONCE` of its kind run. */
export const busyRequest = refused('too many at once', 503, '/logs?atomic=true', { headers: NDJSON });

/** Is refused with 503 while the service stops. */
export const lateRequest = refused('a service that stops', 503, '/log');

/** The first lines of a request. */
export function headOf({ method, path, headers, bytes, chunked }: RefusedRequest): string {
  const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`;
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${length}\r\n${own.join('')}\r\n`;
}

/**
 * Sends a request as simple clients do it: all of it, and only then they read. Resolves to the status, or to the code
 * of the error that came instead.
 */
export async function sendAndThenRead(
  socket: Socket,
  request: RefusedRequest,
  head = headOf(request),
): Promise<number | string | undefined> {
  try {
    await write(socket, head + (request.chunked ? `${request.bytes.toString(16)}\r\n` : ''));
    const piece = Buffer.alloc(100_000, 'x');
    for (let sent = 0; sent < request.bytes; sent += piece.length) await write(socket, piece);
    if (request.chunked) await write(socket, '\r\n0\r\n\r\n');
    for await (const answer of socket) return Number(String(answer).split(' ', 2)[1]);
    return 'closed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}
