import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Daybook API reference</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
</head>
<body>
<redoc spec-url="/openapi.json" disable-google-font hide-download-button></redoc>
<script src="/redoc/redoc.standalone.js"></script>
</body>
</html>
`;

// ReDoc styles the page as it goes and searches in a worker that it makes from a blob.
const POLICY =
  "default-src 'self'; script-src 'self'; worker-src blob:; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** Serves ReDoc at /redoc, with no request to another host. */
export function setUpRedoc(server: FastifyInstance): void {
  let script: Promise<string> | undefined;
  server.get('/redoc', (_request, reply) => {
    void reply.header('content-security-policy', POLICY).type('text/html').send(PAGE);
  });
  server.get('/redoc/redoc.standalone.js', async (_request, reply) => {
    script ??= loadScript().catch((error: unknown) => {
      script = undefined;
      throw error;
    });
    return reply
      .type('text/javascript')
      .header('cache-control', 'public, max-age=86400')
      .send(await script);
  });
}

async function loadScript(): Promise<string> {
  const script = await readFile(scriptFile(), 'utf8');
  // Its only request to another host.
  return script.replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', 'data:,');
}

/** The copy that the build makes, so that the package and its many dependencies need not be installed to serve. */
function scriptFile(): string {
  const copy = fileURLToPath(new URL('../../assets/redoc.standalone.js', import.meta.url));
  return existsSync(copy)
    ? copy
    : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
}
