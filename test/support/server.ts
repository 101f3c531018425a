import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../dist/src/main.js', import.meta.url).pathname;

/** The built service in a process of its own. */
export interface Server {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written so far, a line an entry. */
  readonly output: readonly string[];
  /** Ends it with a signal. Resolves to its exit code and signal. */
  end(signal: NodeJS.Signals): Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** Starts `node dist/src/main.js`, or another command with that behind it, on a free port. */
export async function startServer(
  environment: Record<string, string>,
  command = [process.execPath],
): Promise<Server> {
  const { server, firstUrl } = spawnServer(environment, command);
  const ended = once(server.process, 'exit').then(([code]) => {
    throw new Error(`The server ended with code ${code}: ${server.output.join('\n')}`);
  });
  const url = await Promise.race([firstUrl, ended]);
  ended.catch(() => undefined);
  return { ...server, url };
}

/** Starts the service where it is to fail. Resolves to its exit code and all it has written. */
export async function startAndFail(
  environment: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const { server } = spawnServer(environment, [process.execPath]);
  const [code] = await once(server.process, 'close');
  return { code, output: server.output.join('\n') };
}

function spawnServer(environment: Record<string, string>, [command = '', ...rest]: string[]) {
  const child = spawn(command, [...rest, MAIN], {
    // Not the repository, where there may be a .env.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const firstUrl = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        output.push(line);
        const url = /Daybook listens on (\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      });
    }
  });
  const end = async (signal: NodeJS.Signals): Promise<[number | null, NodeJS.Signals | null]> => {
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code, by] = await exit;
    return [code, by];
  };
  return { server: { process: child, output, end }, firstUrl };
}
