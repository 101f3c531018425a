import { CommandError } from './command-error.js';

/**
 * Names what a command has left out of what it has written.
 *
 * @throws CommandError where there is any: what runs the command must not take the rest for the whole
 */
export function refuseLeftOut(
  { count, first }: { readonly count: number; readonly first: readonly string[] },
  what: string,
): void {
  if (count === 0) return;
  const more = count > first.length ? [`And ${count - first.length} more.`] : [];
  throw new CommandError([...first, ...more, `${what}: ${count}.`].join('\n'));
}
