import { InvalidArgumentError, Option } from 'commander';

/** `--json` */
export interface JsonOption {
  readonly json?: boolean;
}

/** `--limit` */
export interface LimitOption {
  readonly limit: number;
}

/** An option that every command which answers something has. */
export const jsonOption = () => new Option('--json', 'answer in JSON, for scripts');

/** `--force` */
export interface ForceOption {
  readonly force?: boolean;
}

/** For a command that writes a file. */
export const forceOption = (what: string) => new Option('--force', what);

/** @throws InvalidArgumentError where a text cannot be the name of a file or folder */
export function fileName(text: string): string {
  // SQLite takes the second for no file at all.
  if (text === '' || text.includes(':memory:')) {
    throw new InvalidArgumentError('It must be the name of a file or folder.');
  }
  return text;
}

/** How many rows a command shows. */
export const limitOption = (standard: number) =>
  new Option('--limit <n>', 'how many to show at most').argParser(count).default(standard);

/** @throws InvalidArgumentError unless it is a whole number from 1 */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
}
