// Starts the built service once, on an empty database, and stops it: Node keeps the code that it has compiled, and later
// starts are quicker, also where they may not write to dist.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'daybook-warm-up-'));
try {
  const service = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: 'sqlite:daybook.sqlite', LOG_FORMAT: 'json' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(service, 'exit');
  // It writes one line, when it listens.
  await Promise.race([once(service.stdout, 'data'), ended]);
  service.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`The built service does not start: it ended with code ${code}.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
