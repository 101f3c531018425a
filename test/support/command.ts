import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli/run.js';

/** The built command line's entry. */
export const DAYBOOK = new URL('../../dist/daybook.js', import.meta.url).pathname;

/** What npx runs. */
export const BIN = new URL('../../bin/daybook.js', import.meta.url).pathname;

/** What a command has answered. */
export interface CommandResult {
  /** The exit code, or the signal that has ended it. */
  readonly code: number | NodeJS.Signals;
  readonly out: string;
  readonly error: string;
}

/** Starts the built command line, in a folder without `.env`. */
export function spawnDaybook(
  args: readonly string[],
  environment: Record<string, string>,
  stdout: 'pipe' | number = 'pipe',
): ChildProcess & { readonly result: Promise<CommandResult> } {
  const child = spawn(process.execPath, [DAYBOOK, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['pipe', stdout, 'pipe'],
  });
  const textOf = (stream: Readable | null) => (stream ? text(stream).catch(() => '') : '');
  const result = Promise.all([once(child, 'close'), textOf(child.stdout), textOf(child.stderr)]).then(
    ([[code, signal], out, error]): CommandResult => ({ code: code ?? signal, out, error }),
  );
  return Object.assign(child, { result });
}

/** Runs the built command line to its end. */
export function daybook(
  args: readonly string[],
  environment: Record<string, string>,
  input = '',
): Promise<CommandResult> {
  const child = spawnDaybook(args, environment);
  child.stdin?.end(input);
  return child.result;
}

/**
 * Runs a command line in this process, which saves the start of another. One at a time, and none that ends the process,
 * as `--help` and unknown options do.
 */
export async function daybookHere(
  args: readonly string[],
  environment: Record<string, string>,
  input: string | Buffer = '',
): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' };
  const capture = (name: keyof typeof written) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    });
  const spies = [capture('stdout'), capture('stderr')];
  const stdin = Object.assign(Readable.from([input]), { isTTY: false }) as unknown as typeof process.stdin;
  const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  try {
    await run(args);
    return { code: Number(process.exitCode ?? 0), out: written.stdout, error: written.stderr };
  } finally {
    process.exitCode = undefined;
    for (const one of [...spies, spy]) one.mockRestore();
    vi.unstubAllEnvs();
  }
}
