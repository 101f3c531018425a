import { fileURLToPath } from 'node:url';
import { createTables } from '../../database/tables.mjs';
import { packageVersions } from '../../versions.mjs';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

/** Bare Fastify on better-sqlite3, the least that such a service can cost in Node.js. */
export const peer = {
  name: 'floor',
  about: 'bare Fastify and better-sqlite3: prepared statements, a JSON schema for bodies, no log',
  floor: true,
  engines: ['sqlite'],
  endpoints: 'all',
  // Reads are the same in both.
  variants: ({ writes }) =>
    writes
      ? [
          { suffix: 'full', about: 'synchronous=FULL: durable', environment: { SYNCHRONOUS: 'FULL' } },
          {
            suffix: 'normal',
            about: 'synchronous=NORMAL: not durable',
            environment: { SYNCHRONOUS: 'NORMAL' },
          },
        ]
      : [{ environment: { SYNCHRONOUS: 'FULL' } }],
  versions: () => packageVersions('fastify', 'better-sqlite3'),
  prepare: (database, rows) => createTables(database, 'integer PRIMARY KEY', rows),
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [SERVER],
    environment: { PORT: String(port), DATABASE_FILE: database.file },
  }),
};
