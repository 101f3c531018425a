import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ProblemDto } from './openapi.js';

/** The OpenAPI document of the application's routes. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Daybook')
    .setDescription(
      'Logs, tasks, users with items, and notes, and a search in documentation. What was answered with 200 is on the disk. Failures are ' +
        'problem details (RFC 9457). Every path also answers with a slash at its end.',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addTag('logs', 'Messages with the time at which they came')
    .addTag('tasks', 'Things to do')
    .addTag('users', 'People, each with an e-mail address and a password')
    .addTag('items', 'Things that belong to a user')
    .addTag('notes', 'Short texts to keep')
    .addTag('search', 'Entries of the documentation, by name and by words')
    .addTag('home', 'What this service is')
    .addTag('health', 'Whether this service runs and can do its work')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    extraModels: [ProblemDto],
    operationIdFactory: (controller, method) =>
      controller.replace('Controller', '').toLowerCase() + capital(method),
  });
  const { openapi, info, servers, tags, paths, components } = document;
  return {
    openapi,
    info: { ...info, contact: { name: 'The Daybook authors' } },
    servers,
    tags,
    // The API is open: said outright, so that readers and linters need not guess.
    security: [],
    paths,
    components,
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
