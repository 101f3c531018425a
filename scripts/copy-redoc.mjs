// Copies ReDoc's one file and its licence into the build, so that serving it needs no package.
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const target = new URL('../dist/assets/', import.meta.url);
await mkdir(target, { recursive: true });
const bundle = require.resolve('redoc/bundles/redoc.standalone.js');
await cp(bundle, new URL('redoc.standalone.js', target));
await cp(`${bundle}.LICENSE.txt`, new URL('redoc.standalone.js.LICENSE.txt', target));
