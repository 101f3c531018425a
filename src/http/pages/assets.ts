import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';

/** A file that pages load. */
interface Asset {
  readonly type: string;
  readonly content: Buffer;
  readonly url: string;
}

const ASSETS = {
  'daybook.css': asset('daybook.css', 'text/css', new URL('assets/daybook.css', import.meta.url)),
  'keyboard.js': asset('keyboard.js', 'text/javascript', new URL('assets/keyboard.js', import.meta.url)),
  'htmx.js': asset(
    'htmx.js',
    'text/javascript',
    createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'),
  ),
};

/** Where a page finds one of its files. */
export function assetUrl(name: keyof typeof ASSETS): string {
  return ASSETS[name].url;
}

/** Serves the files that pages load. */
export function serveAssets(server: FastifyInstance): void {
  for (const [name, { type, content }] of Object.entries(ASSETS)) {
    server.get(`/assets/${name}`, (_request, reply) => {
      void reply
        .type(`${type}; charset=utf-8`)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(content);
    });
  }
}

/** A changed file has another address, so browsers may keep each for good. */
function asset(name: string, type: string, file: URL | string): Asset {
  const content = readFileSync(file);
  const version = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { type, content, url: `/assets/${name}?v=${version}` };
}
