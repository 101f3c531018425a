import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { HttpConfig } from './config/http.config.js';
import { TasksConfig } from './config/tasks.config.js';
import { named } from './database/index.js';
import { answerOtherMethods } from './http/allowed-methods.js';
import { allowOrigins } from './http/cors.js';
import { drainOnClose } from './http/drain.js';
import { OpenApiController } from './http/openapi.controller.js';
import { limitLargeBodies } from './http/large-bodies.js';
import { serveAssets } from './http/pages/assets.js';
import { varyPages } from './http/pages/page-routes.js';
import { setUpRedoc } from './http/redoc.js';
import { logRequests } from './http/request-log.js';
import { setResponseHeaders } from './http/response-headers.js';
import { setUpSwaggerUi } from './http/swagger-ui.js';

/** Sets up what is the same for every request. Shared by the service, the tests and the OpenAPI script. */
export function configureApp(app: NestFastifyApplication): void {
  const config = app.get(HttpConfig);
  const server = app.getHttpAdapter().getInstance();

  if (config.corsOrigins.length > 0) {
    allowOrigins(app, config.corsOrigins);
  }
  logRequests(server);
  setResponseHeaders(server);
  varyPages(server);
  drainOnClose(server);
  answerOtherMethods(server);
  limitLargeBodies(server, {
    logs: config.bulkMaxBytes,
    'tasks-import': app.get(TasksConfig).importMaxBytes,
  });
  // Last before the handler: a body is read in the connection's own async context, which would lose the name.
  server.addHook('preHandler', (request, _reply, done) => {
    named(`${request.method} ${request.routeOptions.url} (${request.id})`, done);
  });

  // A start needs neither the document nor what makes it: both are loaded when somebody first asks.
  let document: Promise<OpenAPIObject> | undefined;
  const documented = (): Promise<OpenAPIObject> =>
    (document ??= import('./http/openapi-document.js')
      .then(({ createOpenApiDocument }) => createOpenApiDocument(app))
      .catch((error: unknown) => {
        document = undefined;
        throw error;
      }));
  app.get(OpenApiController).document = documented;
  setUpSwaggerUi(server, documented);
  setUpRedoc(server);
  serveAssets(server);
}
