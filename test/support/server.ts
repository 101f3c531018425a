import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

/** The built service's entry. */
export const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

const LISTENS = /Daybook listens on ([^\s"]+)/;

/** The built service in a process of its own. */
export interface Server {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written so far, a line an entry. */
  readonly output: readonly string[];
  /** Resolves when it has written a line like this, or at once where it has already. */
  nextLine(pattern: RegExp): Promise<string>;
  /** Ends it with a signal. Resolves to its exit code and signal. */
  end(signal: NodeJS.Signals): Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** Starts `node dist/main.js` on a free port. */
export async function startServer(environment: Record<string, string>): Promise<Server> {
  const server = spawnServer(environment);
  const ended = once(server.process, 'exit').then(([code]) => {
    throw new Error(`The server ended with code ${code}: ${server.output.join('\n')}`);
  });
  const line = await Promise.race([server.nextLine(LISTENS), ended]);
  ended.catch(() => undefined);
  return { ...server, url: LISTENS.exec(line)?.[1] ?? '' };
}

/** Starts the service where it is to fail. Resolves to its exit code and all it has written. */
export async function startAndFail(
  environment: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const server = spawnServer(environment);
  const [code] = await once(server.process, 'close');
  return { code, output: server.output.join('\n') };
}

/** Starts the service, and does not wait until it listens. */
export function spawnServer(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    // Not the repository, where there may be a .env.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const written = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      output.push(line);
      written.emit('line');
    });
  }
  const nextLine = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = output.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      await once(written, 'line');
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<[number | null, NodeJS.Signals | null]> => {
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code, by] = await exit;
    return [code, by];
  };
  return { process: child, output, nextLine, end };
}
