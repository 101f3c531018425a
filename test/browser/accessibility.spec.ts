import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { describeInBrowser, openPage, startBrowser } from '../support/browser.js';

describeInBrowser('accessibility', () => {
  let test: TestApp;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    test = await startApp('sqlite');
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = await test.app.getUrl();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await test.close();
  });

  const paths = [
    '/',
    '/search?q=path&limit=2&offset=2',
    '/search?q=path&kind=function&limit=1',
    '/search?limit=0',
    '/search/os.path.join',
    '/search/nowhere',
  ];
  describe.each(['light', 'dark'] as const)('in the %s colours', (colorScheme) => {
    it.each(paths)('has nothing for axe to find at %s', async (path) => {
      const { page } = await openPage(browser, url, { colorScheme, viewport: { width: 360, height: 640 } });
      await page.goto(path);
      // Not as a script of the page, which its policy would refuse.
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      );
      await page.context().close();
    });
  });
});
