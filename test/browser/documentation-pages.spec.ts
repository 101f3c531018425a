import type { Browser } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { describeInBrowser, openPage, startBrowser, type Visit } from '../support/browser.js';

describeInBrowser('the landing page and what it leads to', () => {
  let test: TestApp;
  let url: string;
  let browser: Browser;
  let visit: Visit;

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
  beforeEach(async () => {
    visit = await openPage(browser, url);
    await visit.page.goto('/');
  });
  afterEach(() => visit.close());

  const main = () => visit.page.getByRole('main');

  it('leads to the search, which it can begin itself', async () => {
    const { page } = visit;
    await main().getByRole('link', { name: 'Search the documentation' }).click();
    await page.waitForURL('**/search');
    await page.goBack();
    await page.keyboard.press('/');
    await page.keyboard.type('open');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?q=open');
    expect(await page.locator('#results a').first().innerText()).toBe('open');
  });

  it('leads to Swagger UI, where a request can be tried', async () => {
    const { page } = visit;
    await main().getByRole('link', { name: 'Try the API' }).click();
    await page.waitForURL('**/docs');
    const operation = page.locator('#operations-home-homeInfo');
    await operation
      .getByRole('button', { name: /GET.*\/info/s })
      .first()
      .click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    const answer = page.waitForResponse('**/info');
    await operation.getByRole('button', { name: 'Execute' }).click();
    expect((await answer).status()).toBe(200);
    await operation.locator('.live-responses-table').getByText('"nestjs"').waitFor();
  });

  it('leads to ReDoc', async () => {
    const { page } = visit;
    await main().getByRole('link', { name: 'Read the API reference' }).click();
    await page.waitForURL('**/redoc');
    await page.getByRole('heading', { name: 'Say hello' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).first().innerText()).toMatch(/^Daybook/);
  });
});
