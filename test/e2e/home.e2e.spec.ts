import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { load } from 'cheerio';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { problemIn } from '../support/problem-details.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe.each(engines)('home on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  it.each([undefined, '*/*', 'application/json', 'application/json, text/plain, */*', 'image/png'])(
    'greets a client that accepts %s',
    async (accept) => {
      const response = await test.app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/json');
      expect(response.body).toBe('"Hello, world!"');
      expect(response.headers.vary).toMatch(/\baccept\b/i);
    },
  );

  it('shows a browser a page whose links all work', async () => {
    const response = await test.app.inject({ url: '/', headers: BROWSER });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/html\b/);
    expect(response.headers.vary).toMatch(/\baccept\b/i);
    expect(response.body).toMatch(/^<!doctype html>/i);

    const links = [...response.body.matchAll(/href="(\/[^"]*)"/g)].map(([, link]) => link!);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/redoc', '/openapi.json']));
    const answers = await Promise.all(links.map((link) => test.app.inject(link)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(links.map(() => 200));
  });

  it.each(['/nowhere', '/tasks/1/2', '/assets/nothing.js', '/search/a/b'])(
    'shows a browser a page of its own where there is nothing at %s',
    async (url) => {
      const response = await test.app.inject({ url, headers: { ...BROWSER, 'x-request-id': 'mine' } });
      expect(response.statusCode).toBe(404);
      expect(response.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'/),
        'x-request-id': 'mine',
        vary: 'accept, hx-request',
      });
      const $ = load(response.body);
      expect($('h1').text()).toBe('Not Found');
      expect($('[role=alert]').text()).toBe('Daybook has nothing at this address.');
      expect($('nav a[href="/"], nav a[href="/search"]').length).toBe(2);
      expect(response.body).not.toContain(url);

      const head = await test.app.inject({ method: 'HEAD', url, headers: BROWSER });
      expect(head.statusCode).toBe(404);
      expect(head.headers['content-length']).toBe(response.headers['content-length']);
    },
  );

  it.each<Record<string, string>>([
    {},
    { accept: '*/*' },
    { accept: 'application/json, text/plain, */*' },
    { 'hx-request': 'true' },
  ])('tells a program with the headers %j of an unknown path as before', async (headers) => {
    const response = await test.app.inject({ url: '/nowhere', headers });
    expect(response.statusCode).toBe(404);
    expect(problemIn(response)).toMatchObject({
      type: 'urn:daybook:problem:not-found',
      detail: 'Not Found',
    });
    expect(response.headers.vary).toBe('accept, hx-request');
  });

  it('shows a browser a page where a path has no such method, with those that it has', async () => {
    const response = await test.app.inject({ url: '/log', headers: BROWSER });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'OPTIONS, POST']);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(load(response.body)('h1').text()).toBe('Method Not Allowed');
    const write = await test.app.inject({ method: 'PUT', url: '/log', headers: BROWSER });
    expect(problemIn(write).type).toBe('urn:daybook:problem:method-not-allowed');
  });

  it('names the framework', async () => {
    const response = await test.app.inject('/info');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.body).toBe('"nestjs"');
  });
});

describe('a browser that comes while the service stops', () => {
  const { promise: begun, resolve: stopping } = Promise.withResolvers<void>();
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>();

  /** Its hook is the last of those that run before the port is closed. */
  @Module({})
  class HeldModule implements OnModuleInit {
    constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

    onModuleInit() {
      this.host.httpAdapter.getInstance().addHook('preClose', async () => {
        stopping();
        await held;
      });
    }
  }

  it('is told so by a page, and a program by a problem', async () => {
    const test = await startApp('sqlite', { imports: [HeldModule] });
    await test.app.listen(0, '127.0.0.1');
    const url = await test.app.getUrl();
    const closed = test.close();
    await begun;
    for (const path of ['/', '/search?q=len', '/search/len', '/nowhere']) {
      const page = await fetch(url + path, { headers: BROWSER });
      expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
      expect(load(await page.text())('[role=alert]').text()).toBe(
        'The service is stopping. Try again shortly.',
      );
      const data = await fetch(url + path);
      expect([data.status, data.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
      expect(await data.json()).toMatchObject({ type: 'urn:daybook:problem:stopping' });
    }
    goOn();
    await closed;
  });
});
