import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** Headless, as any user, and without requests of its own. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A page of a browser, with what it did besides what it shows. */
export interface Visit {
  readonly page: Page;
  /** Each request's method and URL, in their order. */
  readonly requests: readonly string[];
  /** What went wrong by the console, violations of the policy among it, and scripts that failed. */
  readonly faults: readonly string[];
}

/** `describe` where there is a Chromium; elsewhere its tests are skipped. */
export const describeInBrowser = describe.skipIf(inject('chromium') === '');

/** Starts Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: inject('chromium'), args: FLAGS });
}

/** Opens an empty page in a profile of its own. */
export async function openPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const requests: string[] = [];
  const faults: string[] = [];
  context.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  return { page, requests, faults };
}

/** Of these requests those that went to another host. */
export function requestsElsewhere(requests: readonly string[], baseUrl: string): string[] {
  return requests.filter((request) => {
    const url = new URL(request.split(' ')[1] ?? '');
    return url.protocol.startsWith('http') && url.origin !== new URL(baseUrl).origin;
  });
}
