// Writes openapi.json from the built application. `npm run openapi` builds first.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { format } from 'prettier';

const folder = await mkdtemp(join(tmpdir(), 'daybook-openapi-'));
process.env.DATABASE_URL = `sqlite:${join(folder, 'daybook.sqlite')}`;
process.env.PASSWORD_MIN_LENGTH = '';

const { AppModule } = await import('../dist/src/app.module.js');
const { createOpenApiDocument } = await import('../dist/src/http/openapi.js');
const app = await NestFactory.create(AppModule, { logger: ['error'] });
