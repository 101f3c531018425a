import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
  readonly engines: { readonly node: string };
}

// From dist/src, where the built service runs, and from src in tests.
const place = import.meta.url.includes('/dist/src/') ? '../../package.json' : '../package.json';

const { version, engines } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Package;

/** Daybook's version. */
export const VERSION = version;

/** The oldest Node.js that it runs on, as `22.19`. */
export const OLDEST_NODE = engines.node.replace('>=', '');
