import { readFileSync } from 'node:fs';

/** The version of an installed package, or of Daybook itself where none is named. */
export function packageVersion(name) {
  const file = name ? `../node_modules/${name}/package.json` : '../package.json';
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).version;
}

/** The versions of several packages by their names. */
export function packageVersions(...names) {
  return Object.fromEntries(names.map((name) => [name, packageVersion(name)]));
}
