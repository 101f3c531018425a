import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** A page of a browser. */
export interface Visit {
  readonly page: Page;
  /** Each request's method and URL, in their order. */
  readonly requests: readonly string[];
  /** @throws Error where since the last time the console or a script told of a fault, or another host was asked */
  check(): void;
  /** Ends it, and checks. */
  close(): Promise<void>;
}

/** `describe` where there is a browser; elsewhere its tests are skipped. */
export const describeInBrowser = inject('chromium') === null ? describe.skip : describe;

/** Starts the browser. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch(inject('chromium') ?? {});
}

/** Opens an empty page in a profile of its own. */
export async function openPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const requests: string[] = [];
  const faults: string[] = [];
  context.on('request', (request) => {
    const line = `${request.method()} ${request.url()}`;
    requests.push(line);
    if (leaves(request.url(), baseURL)) faults.push(line);
  });
  page.on('pageerror', (error) => faults.push(error.message));
  // Violations of the page's policy are among them.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  const check = () => {
    const found = faults.splice(0);
    if (found.length > 0) throw new Error(found.join('\n'));
  };
  const close = async () => {
    await context.close();
    check();
  };
  return { page, requests, check, close };
}

/** Whether a request goes to another host. */
function leaves(url: string, baseURL: string): boolean {
  const { protocol, origin } = new URL(url);
  return /^(http|ws)s?:$/.test(protocol) && origin !== new URL(baseURL).origin;
}
