import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { insertRows } from '../../database/tables.mjs';
import { startServer } from '../../server.mjs';
import { packageVersion, packageVersions } from '../../versions.mjs';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

const COLUMNS = {
  logs: ['id', 'message', 'timestamp'],
  tasks: ['id', 'name', 'done'],
  users: ['id', 'email', 'email_key', 'password_hash', 'is_active'],
  items: ['id', 'title', 'description', 'owner_id'],
};

/** Daybook as it is shipped, with all its defaults: every request is logged. */
export const peer = {
  name: 'daybook',
  about: 'this service, with its defaults',
  engines: ['sqlite', 'postgres'],
  endpoints: 'all',
  variants: () => [{}, { suffix: '2', about: '2 workers', environment: { WORKERS: '2' } }],
  unavailable: () => (existsSync(MAIN) ? undefined : 'there is no dist: run npm run build'),
  versions: () => ({ daybook: packageVersion(), ...packageVersions('@nestjs/core', 'typeorm', 'fastify') }),
  /** Daybook makes its tables itself when it starts. */
  async prepare(database, rows, contestant) {
    const server = await startServer(contestant, database);
    await server.stop();
    await insertRows(database, COLUMNS, rows);
  },
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [MAIN],
    environment: { PORT: String(port), DATABASE_URL: database.url },
  }),
};
