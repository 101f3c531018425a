import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { HttpConfig } from './config/http.config.js';
import { Sessions } from './database/sessions.js';
import { answerOtherMethods } from './http/allowed-methods.js';
import { allowOrigins } from './http/cors.js';
import { drainOnClose } from './http/drain.js';
import { OpenApiController } from './http/openapi.controller.js';
import { createOpenApiDocument } from './http/openapi.js';
import { setUpRedoc } from './http/redoc.js';
import { logRequests } from './http/request-log.js';

/** Sets up what is the same for every request. Shared by the service, the tests and the OpenAPI script. */
export function configureApp(app: NestFastifyApplication): void {
  const config = app.get(HttpConfig);
  const sessions = app.get(Sessions);
  const server = app.getHttpAdapter().getInstance();

  app.useSecurityHeaders({
    // Both would send browsers to https, which nobody serves where there is no proxy in front.
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  });
  if (config.corsOrigins.length > 0) {
    allowOrigins(app, config.corsOrigins);
  }

  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  drainOnClose(server);
  answerOtherMethods(server);
  logRequests(server);
  // Last before the handler: a body is read in the connection's own async context, which would lose the session.
  server.addHook('preHandler', (request, _reply, done) => {
    sessions.run(request.id, `${request.method} ${request.routeOptions.url}`, done);
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    // RFC 8259 defines no charset for JSON: it is UTF-8.
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.includes('json'))
      void reply.header('content-type', type.split(';', 1)[0]);
    done(null, payload);
  });

  const document = createOpenApiDocument(app);
  app.get(OpenApiController).document = document;
  SwaggerModule.setup('docs', app, document, {
    raw: false,
    customSiteTitle: 'Daybook API',
  });
  setUpRedoc(server);
}
