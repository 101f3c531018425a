import { CacheConfig } from '../../config/cache.config.js';
import { SettingsReader } from '../../config/environment.js';
import type { SessionDataSource } from '../../database/index.js';
import type { EntityClass } from './cache-options.js';
import { type Answer, type Outcome, ResponseCache } from './response-cache.js';

class Thing {}

/** Stands in for the database: what it tells is up to the test. */
class Changes {
  upToDate = true;
  tell: (entities: EntityClass[]) => void = () => undefined;
  /** Told at the next question, as what another process has committed. */
  elsewhere: EntityClass[] = [];
  watch(_entities: Iterable<EntityClass>, listener: (entities: EntityClass[]) => void) {
    this.tell = listener;
  }
  async catchUp() {
    this.tell(this.elsewhere.splice(0));
    return this.upToDate;
  }
}

const answer = (text: string): Answer => ({ body: Buffer.from(text), headers: {} });
const outcome = (text: string): Outcome => ({ value: text, answer: answer(text) });
const textOf = (found: { answer?: Answer; value: unknown }) => found.answer?.body.toString() ?? found.value;

/** Work that ends when the test says so. */
function deferred() {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const work = vi.fn<() => Promise<Outcome>>(() => {
    start();
    return promise;
  });
  return { work, started, resolve, reject };
}

describe('ResponseCache', () => {
  const question = { key: 'a', tags: [Thing, 'name'], ttlMs: 10_000 };
  let changes: Changes;
  let cache: ResponseCache;

  const build = (maxBytes = '1000000') => {
    changes = new Changes();
    const config = new CacheConfig(new SettingsReader({ CACHE_MAX_BYTES: maxBytes }));
    cache = new ResponseCache(config, { changes } as unknown as SessionDataSource);
    cache.watch([Thing]);
  };
  beforeEach(() => build());
  afterEach(() => vi.useRealTimers());

  const ask = (text: string, asked = question) => cache.find(asked, async () => outcome(text));

  it('keeps an answer, and tells how it was come by', async () => {
    expect(await ask('old')).toMatchObject({ how: 'miss', value: 'old' });
    const hit = await ask('new');
    expect([hit.how, textOf(hit)]).toEqual(['hit', 'old']);
    expect(await ask('other', { ...question, key: 'b' })).toMatchObject({ how: 'miss', value: 'other' });
    expect(cache.counts).toEqual({ hit: 1, miss: 2, joined: 0, bypass: 0, failed: 0 });
  });

  it.each([
    ['its entity', Thing],
    ['its name', 'name'],
  ] as const)('ends an answer by %s', async (_, tag) => {
    await ask('old');
    cache.invalidate('another name');
    expect((await ask('new')).how).toBe('hit');
    cache.invalidate(tag);
    expect(textOf(await ask('new'))).toBe('new');
    expect(textOf(await ask('newer'))).toBe('new');
  });

  it('ends an answer by what another process has committed', async () => {
    await ask('old');
    changes.elsewhere = [Thing];
    expect(textOf(await ask('new'))).toBe('new');
  });

  it('ends an answer by time, from when it was begun', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { work, started, resolve } = deferred();
    const first = cache.find(question, work);
    await started;
    vi.advanceTimersByTime(4_000);
    resolve(outcome('old'));
    await first;
    vi.advanceTimersByTime(5_999);
    expect(await ask('new')).toMatchObject({ how: 'hit', ageMs: 9_999 });
    vi.advanceTimersByTime(1);
    expect(await ask('new')).toMatchObject({ how: 'miss', value: 'new' });
  });

  it('has one work for all who ask at once', async () => {
    const { work, started, resolve } = deferred();
    const all = Array.from({ length: 50 }, () => cache.find(question, work));
    await started;
    resolve(outcome('shared'));
    const found = await Promise.all(all);
    expect(work).toHaveBeenCalledTimes(1);
    expect(new Set(found.map(textOf))).toEqual(new Set(['shared']));
    expect(cache.counts).toMatchObject({ miss: 1, joined: 49 });
  });

  it('gives a failure to all who wait for it, and does not keep it', async () => {
    const { work, started, reject } = deferred();
    const all = Array.from({ length: 3 }, () => cache.find(question, work));
    const failures = Promise.allSettled(all);
    await started;
    reject(new Error('away'));
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(work).toHaveBeenCalledTimes(1);
    expect(cache.counts).toEqual({ hit: 0, miss: 0, joined: 0, bypass: 0, failed: 3 });
    expect(textOf(await ask('back'))).toBe('back');
  });

  it.each([
    ['its entity', Thing],
    ['its name', 'name'],
  ] as const)('does not keep what was read before a change of %s', async (_, tag) => {
    const reader = deferred();
    const first = cache.find(question, reader.work);
    await reader.started;
    cache.invalidate(tag);
    reader.resolve(outcome('old'));
    expect(textOf(await first)).toBe('old');
    expect(cache.size.entries).toBe(0);
    expect(await ask('new')).toMatchObject({ how: 'miss', value: 'new' });
  });

  it('lets nobody join what was begun before a change', async () => {
    const reader = deferred();
    const first = cache.find(question, reader.work);
    await reader.started;
    cache.invalidate(Thing);
    expect(textOf(await ask('new'))).toBe('new');
    reader.resolve(outcome('old'));
    await first;
    // The older work has ended last, and takes nothing from the newer.
    expect(textOf(await ask('newest'))).toBe('new');
  });

  it('shares and keeps nothing that is not for everybody', async () => {
    const { work, started, resolve } = deferred();
    const all = [cache.find(question, work), cache.find(question, work), cache.find(question, work)];
    await started;
    resolve({ value: 'mine' });
    await Promise.all(all);
    expect(work).toHaveBeenCalledTimes(3);
    expect(cache.size.entries).toBe(0);
  });

  it('stands aside while nobody knows what the database has', async () => {
    await ask('old');
    changes.upToDate = false;
    const found = await ask('new');
    expect(found).toMatchObject({ how: 'bypass', value: 'new' });
    expect(found.answer).toBeUndefined();
    expect((await ask('fixed', { ...question, key: 'b', tags: ['name'] })).how).toBe('miss');
  });

  it('is bounded in bytes, and keeps no answer that is a large share of them', async () => {
    build('100000');
    for (let n = 0; n < 1_000; n += 1) await ask('x'.repeat(1_000), { ...question, key: `key ${n}` });
    expect(cache.size.bytes).toBeLessThanOrEqual(100_000);
    expect(cache.size.entries).toBeGreaterThan(10);
    expect((await ask('', { ...question, key: 'key 999' })).how).toBe('hit');
    expect((await ask('', { ...question, key: 'key 0' })).how).toBe('miss');

    const large = { ...question, key: 'large' };
    await ask('x'.repeat(12_500), large);
    expect((await ask('x', large)).how).toBe('miss');
  });

  it('keeps nothing with 0 bytes', async () => {
    build('0');
    await ask('old');
    expect(await ask('new')).toMatchObject({ how: 'bypass', value: 'new' });
    await expect(cache.find(question, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(cache.counts).toMatchObject({ bypass: 2, failed: 1 });
    expect(cache.size).toEqual({ entries: 0, bytes: 0 });
  });
});
