import type { FastifyReply } from 'fastify';
import { append } from 'vary';

/** Tells caches that the answer depends on these headers of the request, besides those that were named already. */
export function addVary(reply: FastifyReply, names: readonly string[]): void {
  const before = [reply.getHeader('vary') ?? []].flat().join(', ');
  void reply.header('vary', append(before, [...names]));
}
