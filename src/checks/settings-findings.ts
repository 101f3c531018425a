import { configs } from '../config/config.module.js';
import { type Environment, SettingError, SettingsReader } from '../config/environment.js';
import { fail, type Finding, ok } from './finding.js';

/** Goes on with the default where a setting cannot be used, so that all faults are found and not the first alone. */
class FaultFindingReader extends SettingsReader {
  readonly faults: string[] = [];

  override integer(...[name, fallback, range]: Parameters<SettingsReader['integer']>): number {
    return this.orElse(fallback, () => super.integer(name, fallback, range));
  }

  override oneOf<const T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    return this.orElse(fallback, () => super.oneOf(name, fallback, choices));
  }

  /** Notes the fault. @throws what is no fault of a setting */
  orElse<T>(fallback: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      this.faults.push(error.message);
      return fallback;
    }
  }
}

/** Each setting that cannot be used, or that there is none. */
export function settingsFindings(environment: Environment): Finding[] {
  const reader = new FaultFindingReader(environment);
  for (const Config of configs) reader.orElse(undefined, () => new Config(reader));
  return reader.faults.length > 0
    ? reader.faults.map((fault) => fail('settings', fault.replace(/\.$/, '')))
    : [ok('settings', 'all can be used')];
}
