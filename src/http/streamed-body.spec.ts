import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { readBody } from './streamed-body.js';

describe('a streamed body', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = (maxMs?: number) => {
    const raw = Object.assign(new PassThrough(), { socket: { destroy: () => undefined } });
    const request = { raw, routeOptions: { bodyLimit: 100 } } as unknown as FastifyRequest;
    return { raw, chunks: readBody(request, maxMs) };
  };

  it.each([
    ['stops', undefined, 60_000],
    ['takes too long', 90_000, 40_000],
  ])('is given up where it %s', async (_what, maxMs, waitMs) => {
    const { raw, chunks } = open(maxMs);
    for (const chunk of ['a', 'b']) {
      raw.write(chunk);
      expect(String((await chunks.next()).value)).toBe(chunk);
      await vi.advanceTimersByTimeAsync(50_000 - Number(chunk === 'b') * 49_999);
    }
    const [next] = await Promise.allSettled([chunks.next(), vi.advanceTimersByTimeAsync(waitMs)]);
    expect(next).toMatchObject({ status: 'rejected', reason: { code: 'request-timeout' } });
  });

  it('may take any time where nothing else is said', async () => {
    const { raw, chunks } = open();
    for (let n = 0; n < 10; n += 1) {
      raw.write('x');
      expect(String((await chunks.next()).value)).toBe('x');
      await vi.advanceTimersByTimeAsync(59_000);
    }
    raw.end();
    expect((await chunks.next()).done).toBe(true);
  });
});
