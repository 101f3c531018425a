import { hash } from 'node:crypto';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CachedRoute } from './cached-route.js';
import type { Answer } from './response-cache.js';

type Headers = Readonly<Partial<Record<string, number | string | string[]>>>;

/**
 * The answer that Fastify would make of what a handler has returned, with an ETag; nothing where it is not for
 * everybody, or no whole one.
 *
 * @param before the reply's headers before the handler ran, which are those of one request
 */
export function toAnswer(
  value: unknown,
  reply: FastifyReply,
  before: Headers,
  route: CachedRoute,
): Answer | undefined {
  if (reply.sent || reply.statusCode !== 200) return undefined;
  const after: Headers = reply.getHeaders();
  if (!isForEverybody(after, before, route)) return undefined;

  const given = typeof after['content-type'] === 'string' ? after['content-type'] : undefined;
  const text = toText(value, given);
  if (text === undefined) return undefined;
  const body = Buffer.from(text.body);
  const own = Object.entries(after).filter(([name, header]) => name !== 'vary' && header !== before[name]);
  return {
    body,
    headers: {
      ...Object.fromEntries(own.map(([name, header]) => [name, String(header)])),
      'cache-control': String(after['cache-control'] ?? cacheControlOf(route)),
      'content-type': given ?? text.type,
      etag: `"${hash('sha256', body, 'base64url')}"`,
    },
  };
}

/** A client may keep without asking what nothing but time ends; of anything else it has to ask whether it still holds. */
function cacheControlOf({ fixed, ttlMs }: CachedRoute): string {
  return fixed ? `public, max-age=${Math.floor(ttlMs / 1_000)}` : 'no-cache';
}

function isForEverybody(after: Headers, before: Headers, { vary }: CachedRoute): boolean {
  if (after['set-cookie'] !== undefined) return false;
  if (/\b(no-store|private)\b/i.test(String(after['cache-control'] ?? ''))) return false;
  // A handler that varies with more than it has declared has answers that its key does not tell apart.
  return (
    after.vary === before.vary ||
    tokensOf(after.vary).every((name) => vary.includes(name) || tokensOf(before.vary).includes(name))
  );
}

/** As Fastify's reply.send() does it (fastify.dev/docs/latest/Reference/Reply/#senddata). */
function toText(value: unknown, given?: string): { body: string | Uint8Array; type: string } | undefined {
  if (typeof value === 'string') return { body: value, type: 'text/plain; charset=utf-8' };
  if (value instanceof Uint8Array) return { body: value, type: 'application/octet-stream' };
  const isJson = given === undefined || given.includes('json');
  return isJson && isPlain(value)
    ? { body: JSON.stringify(value), type: 'application/json; charset=utf-8' }
    : undefined;
}

/** Whether a value is JSON, and nothing that Fastify sends in another way, such as a stream. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return ['boolean', 'number', 'object'].includes(typeof value);
  return (
    !(value instanceof StreamableFile) &&
    !(value instanceof Response) &&
    !(value instanceof Error) &&
    !['pipe', 'getReader', Symbol.asyncIterator].some((member) => member in value)
  );
}

/** The names in a Vary header, in lower case. */
function tokensOf(vary: number | string | string[] = []): string[] {
  return [vary].flat().flatMap((text) =>
    String(text)
      .toLowerCase()
      .split(/\s*,\s*/),
  );
}
