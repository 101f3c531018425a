import { existsSync } from 'node:fs';

/** Variable names and texts, as in `process.env`. */
export type Environment = Record<string, string | undefined>;

/** A setting that cannot be used. The message names the setting and says what to write instead. */
export class SettingError extends Error {
  override readonly name = 'SettingError';

  constructor(setting: string, problem: string) {
    super(`Setting ${setting} ${problem}.`);
  }
}

/** Loads `.env` from the working directory, where there is one. What the process was given wins. */
export function loadEnvFile(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile();
  } catch (error) {
    throw new SettingError('file .env', `cannot be read: ${String(error)}`);
  }
}

/**
 * Reads settings from an environment, each with its default.
 *
 * An empty variable counts as not set, so that `NAME=` in a compose file means the default.
 * @throws SettingError where a value is of the wrong form or out of its range
 */
export class SettingsReader {
  constructor(private readonly environment: Environment) {}

  text(name: string, fallback: string): string {
    return this.environment[name]?.trim() || fallback;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.text(name, String(fallback));
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= range.min && value <= range.max)) {
      throw new SettingError(name, `must be a whole number from ${range.min} to ${range.max}, not "${text}"`);
    }
    return value;
  }

  oneOf<const T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const text = this.text(name, fallback);
    const choice = choices.find((one) => one === text.toLowerCase());
    if (choice === undefined)
      throw new SettingError(name, `must be one of ${choices.join(', ')}, not "${text}"`);
    return choice;
  }

  list(name: string): string[] {
    return this.text(name, '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
}
