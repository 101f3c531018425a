import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ProblemException } from './problems.js';

/** The path of the page, and of the script with the document. The UI asks for the second below the path of the page. */
const PAGE = '/docs';
const SCRIPT = '/docs/swagger-ui-init.js';

/**
 * Serves Swagger UI at /docs. Its page and the document are made when somebody first opens it, by an application of its
 * own: a start does not load what makes them.
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
  const send = async (url: string, type: string, reply: FastifyReply) => {
    const { statusCode, body } = await (await load()).inject(url);
    if (statusCode !== 200) throw new Error(`Swagger UI cannot be made: ${body}`);
    return reply.type(type).send(body);
  };
  server.addHook('onClose', async () => {
    await (await ui?.catch(() => undefined))?.close();
  });

  for (const path of [SCRIPT, `/docs${SCRIPT}`]) {
    server.get(path, (_request, reply) => send(SCRIPT, 'application/javascript', reply));
  }
  for (const path of [PAGE, `${PAGE}/index.html`]) {
    // Its links are relative to the address that the browser has.
    server.get(path, ({ url }, reply) => send(url.endsWith('/') ? `${PAGE}/` : PAGE, 'text/html', reply));
  }
  server.get(`${PAGE}/LICENSE`, () => {
    throw new ProblemException('not-found');
  });
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  void server.register(fastifyStatic, { root, prefix: PAGE, decorateReply: false });
}

const createUi = async (document: () => Promise<OpenAPIObject>): Promise<NestFastifyApplication> =>
  (await import('./swagger-ui.application.js')).createSwaggerUi(await document());
