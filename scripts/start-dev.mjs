// What `npm run start:dev` runs after each compilation: the service as it was compiled, unbundled. The assets, which a
// compilation does not make, are made by the first.
import { existsSync, rmSync } from 'node:fs';

process.setSourceMapsEnabled(true);
// What is in dist now is not what `npm run build` has made.
rmSync('dist/sources.sha256', { force: true });
if (!existsSync('dist/assets/docs.sqlite')) await import('./build-assets.mjs');
await import('../dist/src/main.js');
