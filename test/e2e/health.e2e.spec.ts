import { Logger } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { SessionDataSource } from '../../src/database/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';

describe.each(engines)('health on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['/health/live', {}],
    ['/health/ready', { database: { status: 'up' } }],
  ])('answers %s with 200', async (url, details) => {
    const response = await test.app.inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.json()).toEqual({ status: 'ok', info: details, error: {}, details });
  });

  it('asks the database once for all who ask at once, and answers though it does not', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = vi.spyOn(test.app.get<SessionDataSource>(getDataSourceToken()), 'probe');
    probe.mockReturnValueOnce(promise);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answers = Promise.all([1, 2, 3].map(() => test.app.inject('/health/ready')));
    await vi.waitFor(() => expect(probe).toHaveBeenCalled());
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect((await answers).map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
    expect(probe).toHaveBeenCalledTimes(1);
    resolve();
    await vi.waitFor(async () => expect((await test.app.inject('/health/ready')).statusCode).toBe(200));
  });

  it('keeps the answer out of caches', async () => {
    expect((await test.app.inject('/health/ready')).headers['cache-control']).toMatch(/no-store/);
  });

  it.each([
    ['takes no writes', () => vi.spyOn(test.app.get<SessionDataSource>(getDataSourceToken()), 'probe')],
    ['does not answer', () => vi.spyOn(test.app.get<SessionDataSource>(getDataSourceToken()), 'query')],
  ])(
    'is live and not ready while the database %s, and ready again after it',
    async (_what, spyOnDatabase) => {
      spyOnDatabase().mockRejectedValueOnce(new Error('connect to secret-host failed'));
      const ready = await test.app.inject('/health/ready');
      expect(ready.statusCode).toBe(503);
      expect(ready.headers['content-type']).toBe('application/json');
      expect(ready.json()).toMatchObject({
        status: 'error',
        info: {},
        error: { database: { status: 'down' } },
      });
      expect(ready.body).not.toContain('secret-host');

      expect((await test.app.inject('/health/live')).statusCode).toBe(200);
      expect((await test.app.inject('/health/ready')).statusCode).toBe(200);
    },
  );

  it('leaves no trace in the rows', async () => {
    await test.app.inject('/health/ready');
    expect((await test.app.inject('/logs')).body).toBe('{"logs":[]}');
    await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'first' } });
    expect((await test.app.inject('/logs')).json()).toMatchObject({ logs: [{ id: 1 }] });
  });

  it('logs the probes as requests without a failure', async () => {
    const error = vi.spyOn(Logger.prototype, 'error');
    await test.app.inject('/health/live');
    await test.app.inject('/health/ready');
    expect(error).not.toHaveBeenCalled();
  });
});
