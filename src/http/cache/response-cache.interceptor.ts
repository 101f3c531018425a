import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fresh from 'fresh';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { addVary } from '../vary.js';
import { toAnswer } from './answer.js';
import { CachedRoutes } from './cached-routes.js';
import { type Found, type Outcome, ResponseCache } from './response-cache.js';

/** Answers from the cache, or has the handler answer and keeps what it gives. */
@Injectable()
export class ResponseCacheInterceptor implements NestInterceptor {
  constructor(
    private readonly routes: CachedRoutes,
    private readonly cache: ResponseCache,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const route = this.routes.of(context.getHandler());
    if (route.vary.length > 0) addVary(reply, route.vary);
    if (request.headers.authorization !== undefined || request.headers.cookie !== undefined) {
      this.cache.bypass();
      return next.handle();
    }
    const work = async (): Promise<Outcome> => {
      const before = reply.getHeaders();
      // Not tied to the client's connection: others may wait for the same.
      const value: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { value, answer: toAnswer(value, reply, before, route) };
    };
    const { tags, ttlMs } = route;
    return of(send(request, reply, await this.cache.find({ key: route.keyOf(request), tags, ttlMs }, work)));
  }
}

/** Puts the headers on the reply. Answers the body, which Nest sends. */
function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { answer, value, how, ageMs }: Found,
): unknown {
  if (!answer) return value;
  void reply.headers({ ...answer.headers, age: String(Math.floor(ageMs / 1_000)), 'x-cache': how });
  // No other header: what Cache-Control asks of a cache must not keep the condition from being met (RFC 9110, 13.1.2).
  // Between tags there may be tabs as well (5.6.3), which fresh takes for parts of them.
  const noneMatch = headers['if-none-match']?.replaceAll('\t', ' ');
  if (!fresh({ 'if-none-match': noneMatch }, answer.headers)) return answer.body;
  void reply.code(304).removeHeader('content-type');
  return undefined;
}
