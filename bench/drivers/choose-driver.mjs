import { autocannon } from './autocannon.mjs';
import { wrk } from './wrk.mjs';

const DRIVERS = [wrk, autocannon];

/** The driver of this name, or the best that is installed. One drives all contestants of a run. */
export function chooseDriver(name) {
  const driver = DRIVERS.find((one) => (name ? one.name === name : one.isInstalled()));
  if (!driver) throw new Error(`There is no driver "${name}"; there are wrk and autocannon.`);
  if (!driver.isInstalled()) throw new Error(`${driver.name} is not installed.`);
  return driver;
}
