import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Chromium for the tests in a browser, or nothing where there is none. */
    chromium: string;
  }
}

/** Finds Chromium, or says once that the tests in a browser are left out. */
export default function setup(project: TestProject): void {
  const path = findChromium();
  project.provide('chromium', path ?? '');
  if (path === undefined) {
    process.stdout.write(
      'No Chromium: the tests in test/browser are skipped. Set CHROMIUM_PATH to have them.\n',
    );
  }
}

/** `CHROMIUM_PATH`, or Debian's, or the one that Playwright has installed. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  return ['/usr/bin/chromium', chromium.executablePath()].find((path) => existsSync(path));
}
