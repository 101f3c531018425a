import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** Headless, as any user, and without requests of its own. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A page of a browser. */
export interface Visit {
  readonly page: Page;
  /** Each request's method and URL, in their order. */
  readonly requests: readonly string[];
  /** Ends it. @throws Error where the console or a script told of a fault, or something was asked of another host */
  close(): Promise<void>;
}

/** `describe` where there is a Chromium; elsewhere its tests are skipped. */
export const describeInBrowser = inject('chromium') === '' ? describe.skip : describe;

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
  // Violations of the page's policy are among them.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  const close = async () => {
    await context.close();
    const all = [...faults, ...requests.filter((request) => leaves(request, baseURL))];
    if (all.length > 0) throw new Error(all.join('\n'));
  };
  return { page, requests, close };
}

/** Whether a request goes to another host. */
function leaves(request: string, baseURL: string): boolean {
  const { protocol, origin } = new URL(request.split(' ')[1] ?? '');
  return /^(http|ws)s?:$/.test(protocol) && origin !== new URL(baseURL).origin;
}
