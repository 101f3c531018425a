import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';

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
    const response = await test.app.inject({
      url: '/',
      headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
    });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/html\b/);
    expect(response.headers.vary).toMatch(/\baccept\b/i);
    expect(response.body).toMatch(/^<!doctype html>/i);

    const links = [...response.body.matchAll(/href="(\/[^"]*)"/g)].map(([, link]) => link!);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/redoc', '/openapi.json']));
    const answers = await Promise.all(links.map((link) => test.app.inject(link)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(links.map(() => 200));
  });

  it('names the framework', async () => {
    const response = await test.app.inject('/info');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.body).toBe('"nestjs"');
  });
});
