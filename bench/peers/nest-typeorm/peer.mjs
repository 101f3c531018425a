import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTables, POSTGRES_ID } from '../../database/tables.mjs';
import { packageVersions } from '../../versions.mjs';

const COMPILER = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const PROJECT = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../dist/bench/peers/nest-typeorm/main.js', import.meta.url));

/** What TypeORM's synchronize makes of @PrimaryGeneratedColumn() on each engine. */
const IDS = { sqlite: 'integer PRIMARY KEY AUTOINCREMENT NOT NULL', postgres: POSTGRES_ID };

/** Nest and TypeORM as their documentation teaches them. */
export const peer = {
  name: 'nest-typeorm',
  about:
    "Nest on Fastify and TypeORM's singleton repositories as documented, ValidationPipe with class-validator",
  engines: ['sqlite', 'postgres'],
  endpoints: 'all',
  variants: ({ writes, engine }) =>
    writes && engine === 'sqlite'
      ? [
          { suffix: 'full', about: 'synchronous=FULL: durable', environment: { SYNCHRONOUS: 'FULL' } },
          {
            suffix: 'normal',
            about: 'synchronous=NORMAL: not durable',
            environment: { SYNCHRONOUS: 'NORMAL' },
          },
        ]
      : [{ environment: { SYNCHRONOUS: 'FULL' } }],
  versions: () => packageVersions('@nestjs/core', 'typeorm', 'class-validator', 'class-transformer'),
  /** Its decorators need the metadata that the TypeScript compiler writes. */
  build: () => promisify(execFile)(process.execPath, [COMPILER, '-p', PROJECT]),
  prepare: (database, rows) => createTables(database, IDS[database.engine], rows),
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [MAIN],
    environment: { PORT: String(port), DATABASE_URL: database.url },
  }),
};
