import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageVersion } from '../../versions.mjs';

const PROGRAM = createRequire(import.meta.url).resolve('json-server/lib/cli/bin.js');

/** json-server with a file, as the first example of its README. It keeps all rows in memory. */
export const peer = {
  name: 'json-server',
  about: 'json-server on a JSON file that it holds in memory, with its defaults; for reads of a list',
  engines: ['sqlite'],
  endpoints: ['GET /tasks/'],
  variants: () => [{}],
  readyPath: '/tasks',
  versions: () => ({ 'json-server': packageVersion('json-server') }),
  prepare: (database, rows) =>
    writeFile(join(database.folder, 'db.json'), JSON.stringify({ tasks: [...rows.tasks()] })),
  command: ({ port, database }) => ({
    file: process.execPath,
    args: [PROGRAM, '--host', '127.0.0.1', '--port', String(port), join(database.folder, 'db.json')],
    // Or it asks the registry for a newer version of itself.
    environment: { NO_UPDATE_NOTIFIER: '1' },
  }),
};
