import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** Gives a handler a limit of the body of its own, by the name under which `limitLargeBodies` has it. */
export const LargeBody = (name: string) => RouteConfig({ largeBody: name });

/** Sets these limits, in bytes. Call it before the routes are registered. */
export function limitLargeBodies(server: FastifyInstance, limits: Readonly<Record<string, number>>): void {
  server.addHook('onRoute', (route) => {
    const { largeBody } = (route.config ?? {}) as { largeBody?: string };
    if (largeBody !== undefined) route.bodyLimit = limits[largeBody];
  });
}
