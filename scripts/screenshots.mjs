// Takes the pictures in docs/images, of Daybook's own documentation: `npm run build && node scripts/screenshots.mjs`.
// With names, as in `node scripts/screenshots.mjs load-test`, only these.
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/support/chromium.ts';

const DESKTOP = { width: 900, height: 720 };
const PHONE = { width: 390, height: 720 };
const SEARCH = '/search?q=write+queue';
const SHOTS = [
  { name: 'search-light', path: SEARCH, viewport: DESKTOP, colorScheme: 'light' },
  { name: 'search-dark', path: SEARCH, viewport: DESKTOP, colorScheme: 'dark' },
  {
    name: 'search-phone',
    path: SEARCH,
    viewport: PHONE,
    colorScheme: 'light',
    isMobile: true,
    hasTouch: true,
  },
  {
    name: 'search-entry',
    path: '/search/SQLite%3A%20the%20single-writer%20queue',
    viewport: DESKTOP,
    colorScheme: 'light',
  },
  { name: 'load-test', viewport: { width: 900, height: 860 }, colorScheme: 'light', path: loadReport },
];

const images = fileURLToPath(new URL('../docs/images/', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'daybook-screenshots-'));
const server = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {
  cwd: folder,
  env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: `sqlite:${join(folder, 'daybook.sqlite')}` },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const baseURL = await addressOf(server.stdout);
  const browser = await chromium.launch(await findChromium());
  await mkdir(images, { recursive: true });
  const names = process.argv.slice(2);
  for (const { name, path, ...options } of SHOTS) {
    if (names.length > 0 && !names.includes(name)) continue;
    const context = await browser.newContext({ baseURL, ...options });
    const page = await context.newPage();
    const answer = await page.goto(typeof path === 'function' ? path(baseURL) : path);
    if (!answer?.ok()) throw new Error(`${page.url()} answers ${answer?.status()}`);
    await page.screenshot({ path: join(images, `${name}.png`) });
    await context.close();
  }
  await browser.close();
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}

/** Where the report of a load test is, which this makes. */
function loadReport(baseURL) {
  const report = join(folder, 'load-report.html');
  const script = fileURLToPath(new URL('../bench/load/load.mjs', import.meta.url));
  const options = ['--host', baseURL, '--users', '50', '--duration', '20', '--out', report];
  execFileSync(process.execPath, [script, ...options], { stdio: 'inherit' });
  return pathToFileURL(report).href;
}

/** Where the server listens, from the line in which it says so. */
async function addressOf(output) {
  for await (const line of createInterface(output)) {
    const [, address] = /Daybook listens on ([^\s"]+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('Daybook does not start.');
}
