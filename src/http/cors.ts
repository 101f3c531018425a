import type { INestApplication } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Lets the pages of these origins call the API (fetch.spec.whatwg.org, "CORS protocol"). */
export function allowOrigins(app: INestApplication, origin: string[]): void {
  app.enableCors(({ headers }: FastifyRequest, decide: (error: null, options: object) => void) =>
    decide(null, {
      origin,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      exposedHeaders: ['X-Request-Id', 'X-Error'],
      // Any other OPTIONS asks what a path allows, and is answered with that.
      preflight: headers.origin !== undefined && headers['access-control-request-method'] !== undefined,
    }),
  );
}
