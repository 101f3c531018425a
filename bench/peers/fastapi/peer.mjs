import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTables } from '../../database/tables.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = process.env.BENCH_PYTHON || '/usr/bin/python3';
const MODULES = ['fastapi', 'uvicorn', 'uvloop', 'httptools', 'sqlalchemy'];
const PRINT_VERSIONS = `
import json, platform, ${MODULES.join(', ')}
print(json.dumps({'python': platform.python_version(), **{m.__name__: m.__version__ for m in (${MODULES.join(', ')})}}))
`;

/** FastAPI with SQLAlchemy and sqlite3, as its tutorial "SQL (Relational) Databases" has it. */
export const peer = {
  name: 'fastapi',
  about: 'FastAPI, SQLAlchemy and sqlite3 as in its tutorials; uvicorn with uvloop, httptools and its log',
  engines: ['sqlite'],
  endpoints: 'all',
  variants: () => [
    { suffix: '1', about: '1 worker', environment: { WORKERS: '1' } },
    { suffix: '2', about: '2 workers', environment: { WORKERS: '2' } },
  ],
  async unavailable() {
    try {
      await versions();
      return undefined;
    } catch (error) {
      const reason = (error.stderr || error.message).trim().split('\n').at(-1);
      return `${reason} (Debian: apt install ${MODULES.map((name) => `python3-${name}`).join(' ')})`;
    }
  },
  versions,
  prepare: (database, rows) => createTables(database, 'integer NOT NULL PRIMARY KEY', rows),
  command: ({ port, database, environment: { WORKERS } }) => ({
    file: PYTHON,
    args: [
      ...['-m', 'uvicorn', 'main:app', '--app-dir', FOLDER, '--host', '127.0.0.1', '--port', String(port)],
      ...['--loop', 'uvloop', '--http', 'httptools', '--workers', WORKERS],
    ],
    environment: {
      DATABASE_FILE: database.file,
      // Nothing is left in the source tree.
      PYTHONPYCACHEPREFIX: database.folder,
    },
  }),
};

async function versions() {
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', PRINT_VERSIONS]);
  return JSON.parse(stdout);
}
