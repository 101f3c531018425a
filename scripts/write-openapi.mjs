// Writes openapi.json from the built application; `npm run openapi` builds it first.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'daybook-openapi-'));
// The document must not depend on the settings of whoever writes it.
process.chdir(folder);
process.env.DATABASE_URL = 'sqlite:daybook.sqlite';
delete process.env.PASSWORD_MIN_LENGTH;

const { NestFactory } = await import('@nestjs/core');
const { AppModule } = await import('../dist/src/app.module.js');
const { createOpenApiDocument } = await import('../dist/src/http/openapi-document.js');
const { createServer } = await import('../dist/src/http/server.js');
const { HttpConfig } = await import('../dist/src/config/http.config.js');
const { readConfig } = await import('../dist/src/config/config.module.js');

const app = await NestFactory.create(AppModule, createServer(readConfig(HttpConfig)), {
  logger: false,
  bodyParser: false,
});
const document = createOpenApiDocument(app);
await app.close();
await writeFile(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
await rm(folder, { recursive: true });
