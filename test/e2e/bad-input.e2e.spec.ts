import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { type HostileRequest, requestsAnywhere, requestsTo } from '../support/hostile-requests.js';
import { problemIn } from '../support/problem-details.js';
import { routes as known } from '../support/routes.js';

const routes = known.filter(({ endless }) => !endless);

const STATUSES = [200, 204, 400, 404, 405, 413, 415, 422];

/** Any text that a database keeps: all of Unicode but NUL and lone surrogates. */
const goodText = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  .map((text) => text.replaceAll('\0', '').toWellFormed());

describe.each(engines)('bad input on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  const read = async <T>(url: string) => (await test.app.inject(url)).json<T>();

  /** What a later GET gives for the row that an answer to a write has told of. */
  async function rowOf(row: Record<string, unknown>): Promise<unknown> {
    if ('owner_id' in row) {
      const owner = await read<{ items: { id: number }[] }>(`/users/${String(row.owner_id)}`);
      return owner.items.find(({ id }) => id === row.id);
    }
    const feature = 'done' in row ? 'tasks' : 'email' in row ? 'users' : 'notes';
    return read(`/${feature}/${String(row.id)}`);
  }

  async function checkWrite(url: string, response: LightMyRequestResponse, logs: number): Promise<void> {
    const answer = response.json<unknown>();
    if (/^\/logs\b/.test(url)) {
      const { created } = answer as { created: number };
      expect((await read<{ logs: unknown[] }>('/logs')).logs).toHaveLength(logs + created);
    } else if (url.startsWith('/log')) {
      expect(answer).toEqual({ status: 'Log entry created' });
      expect((await read<{ logs: unknown[] }>('/logs')).logs).toHaveLength(logs + 1);
    } else if (url.startsWith('/tasks/import')) {
      expect(answer).toMatchObject({ dry_run: false, faulty: expect.any(Number) });
    } else {
      expect(answer).toHaveProperty('id');
      expect(await rowOf(answer as Record<string, unknown>)).toEqual(answer);
    }
  }

  async function check(request: HostileRequest): Promise<void> {
    const logs = (await read<{ logs: unknown[] }>('/logs')).logs.length;
    const response = await test.app.inject(request);
    expect(STATUSES).toContain(response.statusCode);
    expect(response.headers['x-request-id']).toMatch(/^[\w.~-]{1,128}$/);
    if (response.statusCode >= 400) {
      if (String(response.headers['content-type']).startsWith('text/html')) {
        expect(request.method).toMatch(/^(GET|HEAD)$/);
        if (response.body !== '') expect(response.body).toMatch(/<p>[^<]+<\/p>/);
      } else if (response.body !== '') problemIn(response);
      expect(await read<{ logs: unknown[] }>('/logs')).toHaveProperty('logs.length', logs);
    } else if (request.method === 'POST' || request.method === 'PUT') {
      await checkWrite(request.url, response, logs);
    } else if (request.method === 'DELETE') {
      expect((await test.app.inject(request.url)).statusCode).toBe(404);
    }
  }

  it.each(routes)('is answered at $path', async (route) => {
    await fc.assert(fc.asyncProperty(requestsTo(route), check), { numRuns: 50 });
  });

  it('is answered anywhere', async () => {
    await fc.assert(fc.asyncProperty(requestsAnywhere, check), { numRuns: 200 });
  });

  it('is answered when much of it comes at once', async () => {
    const requests = fc.array(fc.oneof(...routes.map(requestsTo)), { minLength: 30, maxLength: 30 });
    const answered = fc.asyncProperty(requests, async (all) => {
      const answers = await Promise.all(all.map((request) => test.app.inject(request)));
      for (const { statusCode } of answers) expect(STATUSES).toContain(statusCode);
    });
    await fc.assert(answered, { numRuns: 10 });
  });

  it('leaves the application as it was', async () => {
    const name = 'still there';
    const created = await test.app.inject({ method: 'POST', url: '/tasks', payload: { name, done: true } });
    expect(created.statusCode).toBe(200);
    expect(await read(`/tasks/${created.json<{ id: number }>().id}`)).toEqual(created.json());
    expect(await read('/health/ready')).toMatchObject({ status: 'ok' });
    expect({}).not.toHaveProperty('name');
  });

  it('is told from good input, which is kept as it came', async () => {
    const property = fc.asyncProperty(goodText, goodText, fc.boolean(), async (text, other, done) => {
      const task = await test.app.inject({ method: 'POST', url: '/tasks', payload: { name: text, done } });
      const { id } = task.json<{ id: number }>();
      expect(task.json()).toEqual({ name: text, done, id });
      expect(await read(`/tasks/${id}`)).toEqual({ name: text, done, id });

      const url = `/tasks/${id}`;
      const changed = await test.app.inject({ method: 'PUT', url, payload: { name: other, done: !done } });
      expect(changed.json()).toEqual({ name: other, done: !done, id });
      expect(await read(url)).toEqual({ name: other, done: !done, id });

      await test.app.inject({ method: 'POST', url: '/log', payload: { message: text } });
      const { logs } = await read<{ logs: { message: string }[] }>('/logs');
      expect(logs.at(-1)!.message).toBe(text);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});
