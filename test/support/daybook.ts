import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../dist/src/cli/daybook.js', import.meta.url));

/** How a command has ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `daybook` on a database. It is built first: `npm run build`. */
export async function daybook(
  databaseUrl: string,
  args: readonly string[],
  { input = '', settings = {} }: { input?: string | Buffer; settings?: Record<string, string> } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl, ...settings },
  });
  // A command that has read enough closes its end.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output, errors };
}
