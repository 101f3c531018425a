// A peer that breaks what the instrument watches over: BROKEN says how.
import { createTables } from '../../bench/database/tables.mjs';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('broken-server.mjs', import.meta.url));

export const peer = {
  name: 'broken',
  about: 'a server that forgets every tenth entry, or answers every tenth with 500',
  engines: ['sqlite'],
  endpoints: ['POST /log'],
  variants: () => [{ environment: { BROKEN: process.env.BROKEN ?? 'forgets' } }],
  prepare: (database, rows) => createTables(database, 'integer PRIMARY KEY', rows),
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [SERVER],
    environment: { PORT: String(port), DATABASE_FILE: database.file },
  }),
};
