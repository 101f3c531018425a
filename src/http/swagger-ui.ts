import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from './problems.js';

/** `..` as a part of a path, also percent-encoded. */
const DOT_SEGMENT = /\/(\.|%2e){2}(\/|\?|$)/i;

/**
 * Serves Swagger UI at /docs, from an application of its own that is made when somebody first opens it: a start loads
 * neither the UI nor what serves its files.
 *
 * @param document resolves to the OpenAPI document that it shows
 */
export function setUpSwaggerUi(server: FastifyInstance, document: () => Promise<OpenAPIObject>): void {
  let ui: Promise<NestFastifyApplication> | undefined;
  const load = (): Promise<NestFastifyApplication> =>
    (ui ??= createUi(document).catch((error: unknown) => {
      ui = undefined;
      throw error;
    }));
  const answer = async ({ url, headers }: FastifyRequest, reply: FastifyReply) => {
    // inject() would resolve them, to a place outside /docs.
    if (DOT_SEGMENT.test(url)) throw new ProblemException('malformed-request');
    // GET for HEAD too: the server leaves the body out itself.
    const response = await (await load()).inject({ method: 'GET', url, headers });
    if (response.statusCode === 404) return reply.callNotFound();
    // Of the connection that was injected, not of the client's.
    delete response.headers.connection;
    void reply.code(response.statusCode).headers(response.headers);
    return response.statusCode === 304 ? reply.send() : reply.send(response.rawPayload);
  };
  for (const path of ['/docs', '/docs/*']) server.get(path, answer);
}

const createUi = async (document: () => Promise<OpenAPIObject>): Promise<NestFastifyApplication> =>
  (await import('./swagger-ui.application.js')).createSwaggerUi(await document());
