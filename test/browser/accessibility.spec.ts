import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { buildDocs } from '../../src/docs-builder/build-docs.js';
import { startApp, type TestApp } from '../support/app.js';
import { describeInBrowser, openPage, startBrowser } from '../support/browser.js';

/** Real texts: of those of a toy no two stand in one place with all colours. */
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

describeInBrowser('accessibility', () => {
  let folder: string;
  let test: TestApp;
  let url: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-accessibility-'));
    const file = join(folder, 'docs.sqlite');
    await buildDocs({ sources: [DOCS], out: file, baseUrl: '' });
    test = await startApp('sqlite', { settings: { SEARCH_FILE: file } });
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = await test.app.getUrl();
    browser = await startBrowser();
    ({ page } = await openPage(browser, url, { viewport: { width: 360, height: 640 } }));
  });
  afterAll(async () => {
    await browser.close();
    await test.close();
    await rm(folder, { recursive: true });
  });

  const paths = [
    '/',
    '/search?q=write&limit=3&offset=2',
    '/search?q=lane&kind=section',
    '/search?limit=0',
    '/search/Logs',
    '/search/nowhere',
    '/nowhere',
  ];
  it.each(paths)('has nothing for axe to find at %s', async (path) => {
    await page.goto(path);
    // Not as a script of the page, which its policy would refuse.
    await page.evaluate(axe.source);
    expect(await find('axe.run()')).toEqual([]);
    // Nothing but colours is different in the dark.
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await find(`axe.run({ runOnly: ['color-contrast', 'link-in-text-block'] })`)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  const find = async (run: string) => {
    const { violations } = await page.evaluate<axe.AxeResults>(run);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };
});
