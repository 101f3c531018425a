import { fileURLToPath } from 'node:url';
import { createTables, POSTGRES_ID } from '../../database/tables.mjs';
import { packageVersions } from '../../versions.mjs';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

/** Bare Fastify on pg, the least that such a service can cost in Node.js with PostgreSQL. */
export const peer = {
  name: 'floor-pg',
  about: 'bare Fastify and pg: a pool of 10, named prepared statements, a JSON schema for bodies, no log',
  floor: true,
  engines: ['postgres'],
  endpoints: ['GET /tasks/:id', 'GET /tasks/', 'PUT /tasks/:id', 'GET /users/', 'POST /log'],
  variants: () => [{}],
  versions: () => packageVersions('fastify', 'pg'),
  prepare: (database, rows) => createTables(database, POSTGRES_ID, rows),
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [SERVER],
    environment: { PORT: String(port), DATABASE_URL: database.url },
  }),
};
