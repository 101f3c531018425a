import { load } from 'cheerio';
import { startApp, type TestApp } from '../support/app.js';
import { createHostileSnapshot, HOSTILE } from '../support/hostile-documentation.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const HTMX = { 'hx-request': 'true' };

describe('the pages of the search', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp('sqlite');
  });
  afterAll(() => test.close());

  const get = (url: string, headers: Record<string, string> = BROWSER) => test.app.inject({ url, headers });

  it.each(['/search?q=len', '/search/len', '/'])(
    '%s is a page for a browser and data for others',
    async (url) => {
      for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/plain, */*']) {
        const response = await test.app.inject({ url, headers: accept === undefined ? {} : { accept } });
        expect(response.headers['content-type']).toBe('application/json');
        expect(response.headers.vary).toBe('accept, hx-request');
      }
      const response = await get(url);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(response.headers.vary).toBe('accept, hx-request');
      expect(response.body).toMatch(/^<!doctype html>\n<html lang="en">/);
      const head = await test.app.inject({ method: 'HEAD', url, headers: BROWSER });
      expect(head.headers['content-length']).toBe(response.headers['content-length']);
      expect(head.headers['content-type']).toBe(response.headers['content-type']);
    },
  );

  it('lets nothing run or load but its own files', async () => {
    const response = await get('/search?q=len');
    expect(response.headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    const $ = load(response.body);
    const files = $('script, link[rel=stylesheet]')
      .toArray()
      .map((one) => $(one).attr('src') ?? $(one).attr('href') ?? '');
    expect(files).toHaveLength(3);
    for (const file of files) {
      const asset = await test.app.inject(file);
      expect(asset.statusCode).toBe(200);
      expect(asset.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect((await test.app.inject('/assets/nothing.js')).statusCode).toBe(404);
    expect($('style, [style], script:not([src])').length).toBe(0);
  });

  it('gives htmx only what changes', async () => {
    const response = await get('/search?q=os.path', HTMX);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    const $ = load(response.body, null, false);
    expect($('title').text()).toBe('os.path · Search · Daybook');
    expect($('#count').text()).toMatch(/^\d+ entries$/);
    expect($('a[data-result]').first().text()).toBe('os.path');
    expect($('form, header').length).toBe(0);
  });

  it('has the results of the API, with links to their pages', async () => {
    const { results } = (await test.app.inject('/search?q=path&limit=2')).json<{
      results: { name: string; url: string }[];
    }>();
    const $ = load((await get('/search?q=path&limit=2')).body);
    const links = $('a[data-result]').toArray();
    expect(links.map((link) => $(link).text())).toEqual(results.map(({ name }) => name));
    for (const [index, link] of links.entries()) {
      const page = load((await get($(link).attr('href') ?? '')).body);
      expect(page('h1').text()).toBe(results[index]?.name);
      expect(page(`article a[href="${results[index]?.url}"]`).length).toBe(1);
    }
    const next = $('a[rel=next]').attr('href') ?? '';
    expect(load((await get(next)).body)('#count').text()).toMatch(/^Entries 3 to 4 of/);
  });

  it.each([
    ['/search/nowhere', 404, 'The documentation has no entry of this name.'],
    [`/search?q=${'x'.repeat(201)}`, 422, 'q: String should have at most 200 characters'],
    ['/search?limit=0', 422, 'limit: Input should be greater than or equal to 1'],
  ])('%s fails with a page', async (url, status, text) => {
    for (const headers of [BROWSER, HTMX]) {
      // The page of one entry has no parts.
      if (headers === HTMX && status === 404) continue;
      const response = await get(url, headers);
      expect(response.statusCode).toBe(status);
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(response.headers.vary).toBe('accept, hx-request');
      expect(load(response.body)('[role=alert]').text()).toContain(text);
    }
  });

  it.each(HOSTILE)('shows the query %s as text', async (query) => {
    const url = `/search?${new URLSearchParams({ q: query }).toString()}`;
    const $ = load((await get(url)).body);
    expect($('#q').attr('value')).toBe(query);
    expect($('title').text()).toBe(`${query} · Search · Daybook`);
    expect($('img, svg, main script, [onfocus], [onerror], [autofocus]').length).toBe(0);
  });
});

describe('the pages of hostile documentation', () => {
  let test: TestApp;
  let snapshot: Awaited<ReturnType<typeof createHostileSnapshot>>;
  beforeAll(async () => {
    snapshot = await createHostileSnapshot();
    test = await startApp('sqlite', { settings: { SEARCH_FILE: snapshot.file } });
  });
  afterAll(async () => {
    await test.close();
    await snapshot.drop();
  });

  const page = async (url: string) => load((await test.app.inject({ url, headers: BROWSER })).body);

  it('show names and texts as text, and lead to each entry', async () => {
    const $ = await page('/search?q=needle');
    const links = $('a[data-result]').toArray();
    expect(links.map((link) => $(link).text())).toEqual(expect.arrayContaining([...HOSTILE]));
    expect($('img, svg, main script, [onfocus], [onerror]').length).toBe(0);
    for (const link of links) {
      const entry = await page($(link).attr('href') ?? '');
      expect(entry('h1').text()).toBe($(link).text());
      expect(entry('title').text()).toBe(`${$(link).text()} · Daybook`);
      expect(entry('.description').text()).toContain('Needle');
      expect(entry('img, svg, main script, [onfocus], [onerror]').length).toBe(0);
    }
  });

  it('lead to each of several entries of one name', async () => {
    const $ = await page('/search?q=twice');
    const links = $('a[data-result]').toArray().slice(0, 2);
    expect(links.map((link) => $(link).text())).toEqual(['Twice', 'Twice']);
    const texts = links.map(async (link) => (await page($(link).attr('href') ?? ''))('.description').text());
    expect((await Promise.all(texts)).toSorted()).toEqual([
      'Told on the first page.',
      'Told on the second page.',
    ]);
  });
});

describe('the pages without a snapshot', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp('sqlite', { settings: { SEARCH_FILE: '/nowhere/docs.sqlite' } });
  });
  afterAll(() => test.close());

  it.each(['/search', '/search?q=len', '/search/len'])('%s says that search is off', async (url) => {
    const response = await test.app.inject({ url, headers: BROWSER });
    expect(response.statusCode).toBe(503);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(load(response.body)('main [role=alert]').text()).toMatch(/^Search is off: this server has no/);
  });
});
