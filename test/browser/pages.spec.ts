import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { describeInBrowser, openPage, startBrowser, type Visit } from '../support/browser.js';

describeInBrowser('the pages', () => {
  let test: TestApp;
  let url: string;
  let browser: Browser;
  let visit: Visit;
  let page: Page;

  beforeAll(async () => {
    test = await startApp('sqlite');
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = await test.app.getUrl();
    browser = await startBrowser();
    // One for all tests: to open another takes as long as most of them.
    visit = await openPage(browser, url);
    page = visit.page;
  });
  afterAll(async () => {
    await visit.close();
    await browser.close();
    await test.close();
  });
  afterEach(() => visit.check());

  describe('of the search', () => {
    const field = () => page.getByRole('searchbox', { name: 'Search the documentation' });
    const first = () => page.locator('#results li').first();
    const focused = () => page.locator(':focus');

    it('shows results while somebody types, and the address bar follows', async () => {
      const asked = visit.requests.length;
      await page.goto('/search');
      const history = await page.evaluate(() => window.history.length);
      await field().pressSequentially('os.path.jo');
      await page.waitForURL('**/search?q=os.path.jo');
      await first().getByRole('link', { name: 'os.path.join' }).waitFor();
      expect(await first().innerText()).toMatch(/function[\s\S]*os\.path\.join\(path/);
      expect(await page.title()).toBe('os.path.jo · Search · Daybook');
      expect(await page.getByRole('status').innerText()).toMatch(/^(One entry|\d+ entries|Entries 1 to)/);
      // Only parts of the page came, and none of them is in the way back.
      expect(visit.requests.slice(asked).filter((request) => request.endsWith('/search'))).toHaveLength(1);
      expect(await page.evaluate(() => window.history.length)).toBe(history);
    });

    it('marks the words in their context', async () => {
      await page.goto('/search?q=path+components');
      expect(await page.locator('#results mark').first().innerText()).toMatch(/^(path|component)/i);
    });

    it('is used by keyboard alone: to an entry, back, and on', async () => {
      await page.goto('/search');
      await page.keyboard.press('/');
      await page.keyboard.type('json.');
      await page.waitForURL('**/search?q=json.');
      await page.locator('#results li').nth(1).waitFor();
      const names = await page.locator('#results a[data-result]').allInnerTexts();

      await page.keyboard.press('ArrowDown');
      expect(await focused().innerText()).toBe(names[0]);
      await page.keyboard.press('ArrowDown');
      expect(await focused().innerText()).toBe(names[1]);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      expect(await focused().getAttribute('id')).toBe('q');

      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: names[1] }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/search/${names[1]}`);

      await page.goBack();
      expect(page.url()).toBe(`${url}/search?q=json.`);
      expect(await field().inputValue()).toBe('json.');
      expect(await page.locator('#results a[data-result]').allInnerTexts()).toEqual(names);

      await first().getByRole('link').focus();
      await page.keyboard.press('Escape');
      expect(await focused().getAttribute('id')).toBe('q');
      await page.keyboard.press('Escape');
      await page.waitForURL('**/search?q=');
      expect(await field().inputValue()).toBe('');
      expect(await page.locator('#results li').count()).toBe(0);
    });

    it('leads from an entry back to the search as it was left, with Escape too', async () => {
      await page.goto('/search?q=len&limit=5');
      await first().getByRole('link', { name: 'len' }).click();
      await page.getByRole('heading', { level: 1, name: 'len' }).waitFor();
      await page.keyboard.press('Escape');
      await page.waitForURL('**/search?q=len&limit=5');
      expect(await field().inputValue()).toBe('len');
    });

    it('takes the arrows and Escape though nothing has the focus', async () => {
      await page.goto('/search?q=json.');
      const names = await page.locator('#results a[data-result]').allInnerTexts();
      const nothing = () => page.evaluate(() => (document.activeElement as HTMLElement).blur());

      await page.keyboard.press('ArrowDown');
      expect(await focused().innerText()).toBe(names[0]);
      await page.keyboard.press('ArrowDown');
      expect(await focused().innerText()).toBe(names[1]);
      await nothing();
      await page.keyboard.press('Escape');
      expect(await focused().getAttribute('id')).toBe('q');
      expect(await field().inputValue()).toBe('json.');

      await nothing();
      await page.keyboard.press('ArrowUp');
      expect(await focused().getAttribute('id')).toBe('q');
      // A click beside everything has the same effect.
      await page.locator('main').click({ position: { x: 2, y: 2 } });
      await page.keyboard.press('ArrowDown');
      expect(await focused().innerText()).toBe(names[0]);
    });

    it('leads back to the search though the browser keeps no storage', async () => {
      const { page: poor, close } = await openPage(browser, url);
      await poor.addInitScript(() => {
        for (const name of ['sessionStorage', 'localStorage']) {
          Object.defineProperty(window, name, {
            get() {
              throw new DOMException('The storage is blocked.', 'SecurityError');
            },
          });
        }
      });
      await poor.goto('/search?q=len&limit=5');
      await poor.locator('#results a').first().click();
      await poor.getByRole('heading', { level: 1, name: 'len' }).waitFor();
      await poor.keyboard.press('Escape');
      await poor.waitForURL('**/search?q=len&limit=5');
      expect(await poor.getByRole('searchbox').inputValue()).toBe('len');
      await close();
    });

    it('leads back to the query as it was typed, and from an entry that was opened by itself to its name', async () => {
      await page.goto('/search');
      await field().fill('js');
      await page.waitForURL('**/search?q=js');
      await first().getByRole('link').click();
      await page.waitForURL('**/search/js*');
      await page.keyboard.press('Escape');
      await page.waitForURL('**/search?q=js');

      await page.goto('/search/len');
      await page.keyboard.press('Escape');
      await page.waitForURL('**/search?q=len');
      expect(await field().inputValue()).toBe('len');
    });

    it('searches at once with Enter in the field, and Back leads to the search before', async () => {
      await page.goto('/search?q=len');
      await page.keyboard.press('/');
      await page.keyboard.type('open');
      await page.keyboard.press('Enter');
      await first().getByRole('link', { name: 'open' }).waitFor();
      await page.goBack();
      await page.waitForURL('**/search?q=len');
      expect(await first().getByRole('link').innerText()).toBe('len');
    });

    it('is whole after Back from a place on it', async () => {
      await page.goto('/search');
      await field().fill('len');
      await page.waitForURL('**/search?q=len');
      await page.getByRole('link', { name: 'Skip to the content' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL('**/search?q=len#main');
      await Promise.all([page.waitForResponse('**/search?q=len'), page.goBack()]);
      await page.waitForLoadState();
      await first().getByRole('link', { name: 'len' }).waitFor();
      expect(await page.getByRole('navigation', { name: 'Daybook' }).count()).toBe(1);
      expect(await field().inputValue()).toBe('len');
    });

    it('takes a slash for a letter in the field', async () => {
      await page.goto('/search');
      await field().pressSequentially('a/b');
      expect(await field().inputValue()).toBe('a/b');
      await page.waitForURL('**/search?q=a%2Fb');
    });

    it('shows what the last letter asks for, however late the answers before come', async () => {
      await page.goto('/search');
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      await page.route('**/search?q=js', async (route) => {
        await held;
        await route.continue();
      });
      await field().fill('js');
      await page.waitForRequest('**/search?q=js');
      await field().fill('json.dumps');
      release();
      await page.waitForURL('**/search?q=json.dumps');
      await first().getByRole('link', { name: 'json.dumps' }).waitFor();
      expect(await page.title()).toBe('json.dumps · Search · Daybook');
      await page.unroute('**/search?q=js');
    });

    it('shows queries as they were typed', async () => {
      await page.goto('/search');
      for (const query of [
        '<script>document.title="x"</script>',
        '"><img src=x onerror=alert(1)>',
        `' onfocus='alert(1)`,
        '&lt;b&gt;',
      ]) {
        await field().fill(query);
        await page.waitForURL((at) => at.searchParams.get('q') === query);
        expect(await page.title()).toBe(`${query} · Search · Daybook`);
        await page.reload();
        expect(await field().inputValue()).toBe(query);
        expect(await page.title()).toBe(`${query} · Search · Daybook`);
        expect(await page.locator('img, main script').count()).toBe(0);
      }
    });

    it('says so when the server does not answer', async () => {
      const { page: lonely } = await openPage(browser, url);
      await lonely.goto('/search');
      await lonely.route('**/search?q=*', (route) => route.abort());
      await lonely.getByRole('searchbox').fill('len');
      await lonely.getByText('Daybook does not answer').waitFor();
      expect(await lonely.getByRole('status').innerText()).toMatch(/Try again/);
      await lonely.context().close();
    });

    it('works without JavaScript', async () => {
      const { page: plain, close } = await openPage(browser, url, { javaScriptEnabled: false });
      await plain.goto('/search');
      await plain.getByRole('searchbox').fill('asyncio');
      await plain.getByRole('button', { name: 'Search' }).click();
      await plain.waitForURL('**/search?q=asyncio');
      await plain.getByRole('link', { name: 'asyncio.gather' }).click();
      await plain.getByRole('heading', { level: 1, name: 'asyncio.gather' }).waitFor();
      await plain.getByRole('link', { name: 'Back to the search' }).click();
      await plain.waitForURL('**/search?q=asyncio.gather');
      expect(await plain.getByRole('searchbox').inputValue()).toBe('asyncio.gather');
      await close();
    });

    it('fit a phone', async () => {
      const { page: phone, close } = await openPage(browser, url, {
        viewport: { width: 320, height: 640 },
        hasTouch: true,
        isMobile: true,
      });
      for (const path of ['/', '/search?q=path', '/search/os.path.join']) {
        await phone.goto(path);
        const { wanted, there } = await phone.evaluate(() => ({
          wanted: document.documentElement.scrollWidth,
          there: document.documentElement.clientWidth,
        }));
        expect([path, wanted, there]).toEqual([path, 320, 320]);
      }
      await close();
    });
  });

  describe('that the landing page leads to', () => {
    beforeEach(async () => {
      await page.goto('/');
    });

    const main = () => page.getByRole('main');

    it('are the search, which it can begin itself', async () => {
      await main().getByRole('link', { name: 'Search the documentation' }).click();
      await page.waitForURL('**/search');
      await page.goBack();
      await page.keyboard.press('/');
      await page.keyboard.type('open');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/search?q=open');
      expect(await page.locator('#results a').first().innerText()).toBe('open');
    });

    it('are Swagger UI, where requests can be tried', async () => {
      await main().getByRole('link', { name: 'Try the API' }).click();
      await page.waitForURL('**/docs');
      for (const [id, path, shown] of [
        ['home-homeInfo', '/info', '"nestjs"'],
        ['logs-logsCreate', '/log', 'Log entry created'],
        ['tasks-tasksList', '/tasks', '[]'],
      ] as const) {
        const operation = page.locator(`#operations-${id}`);
        await operation.locator('.opblock-summary-control').click();
        await operation.getByRole('button', { name: 'Try it out' }).click();
        const answer = page.waitForResponse((response) => new URL(response.url()).pathname === path);
        await operation.getByRole('button', { name: 'Execute' }).click();
        expect((await answer).status()).toBe(200);
        await operation.locator('.live-responses-table').getByText(shown).first().waitFor();
      }
    });

    it('are ReDoc', async () => {
      await main().getByRole('link', { name: 'Read the API reference' }).click();
      await page.waitForURL('**/redoc');
      await page.getByRole('heading', { name: 'Say hello' }).waitFor();
      expect(await page.getByRole('heading', { level: 1 }).first().innerText()).toMatch(/^Daybook/);
    });
  });

  it.each([
    [
      'runs a script of its own',
      `document.body.append(Object.assign(document.createElement('script'), { text: '1' }))`,
    ],
    ['asks another host', `fetch('http://other.example/').catch(() => {})`],
  ])('let nothing happen, and the tests see it, where one %s', async (_, script) => {
    const { page: bad, close } = await openPage(browser, url);
    await bad.goto('/search');
    const told = bad.waitForEvent('console');
    await bad.evaluate(script);
    await told;
    await expect(close()).rejects.toThrow(/Content Security Policy/);
  });
});
