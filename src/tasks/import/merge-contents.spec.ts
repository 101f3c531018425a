import fc from 'fast-check';
import { mergeContents } from './merge-contents.js';

const merged = async (kept: unknown, given: unknown): Promise<unknown> =>
  JSON.parse(await mergeContents(JSON.stringify(kept), JSON.stringify(given)));

/** Records of which many are alike, with an id, a key or neither. */
const store = fc.array(
  fc.oneof(
    fc.record({ id: fc.constantFrom(1, '1', 2, 'a'), value: fc.nat(2) }),
    fc.record({ key: fc.constantFrom(7, 'b'), value: fc.nat(2) }),
    fc.constantFrom<unknown[]>(5, '5', null, [], {}, { value: 1 }, { id: null }, { id: {} }),
  ),
  { maxLength: 6 },
);

const nameOf = (record: unknown) => {
  const { id = null, key } = (record ?? {}) as { id?: string | number | object | null; key?: unknown };
  return typeof id === 'object' ? JSON.stringify(key ?? record) : String(id);
};

describe('merging what is kept of an object store', () => {
  it('changes nothing when the same comes again', async () => {
    const property = fc.asyncProperty(store, store, async (kept, given) => {
      const once = await merged(kept, given);
      expect(await merged(once, given)).toEqual(once);
      expect(await merged(once, once)).toEqual(once);
    });
    await fc.assert(property);
  });

  it('has each record of both as often as one of them, and in the order of the first', async () => {
    const property = fc.asyncProperty(store, store, async (kept, given) => {
      const count = (records: unknown[], name: string) =>
        records.filter((one) => nameOf(one) === name).length;
      const both = (await merged(kept, given)) as unknown[];
      expect(both.slice(0, kept.length).map(nameOf)).toEqual(kept.map(nameOf));
      for (const name of [...kept, ...given].map(nameOf)) {
        expect(count(both, name)).toBe(Math.max(count(kept, name), count(given, name)));
      }
    });
    await fc.assert(property);
  });

  it.each<[unknown, unknown, unknown]>([
    [null, [1], [1]],
    [[1], null, [1]],
    [{ a: 1 }, {}, { a: 1 }],
    [[], { a: 1 }, { a: 1 }],
    [1, 2, 2],
    ['a', false, false],
    [{ a: { b: 1 }, c: 1 }, { a: { d: 1 } }, { a: { d: 1 }, c: 1 }],
  ])('of %j and %j makes %j', async (kept, given, both) => {
    expect(await merged(kept, given)).toEqual(both);
  });

  it.each([
    [[1], { a: 1 }],
    [{ a: 1 }, [1]],
    [1, [1]],
    [{ a: 1 }, 'a'],
  ])('keeps %j beside %j', async (kept, given) => {
    await expect(merged(kept, given)).rejects.toThrow(
      'is something else than what is kept of it, which stays',
    );
  });

  it('takes what comes where what is kept is no JSON', async () => {
    expect(await mergeContents('[{"broken', '[1]')).toBe('[1]');
  });

  it.each([
    ['lists', (n: number) => Array.from({ length: n }, (_, id) => ({ id }))],
    ['objects', (n: number) => Object.fromEntries(Array.from({ length: n }, (_, id) => [`k${id}`, id]))],
  ])('lets others have their turns beside large %s', async (_what, large) => {
    let turns = 0;
    const others = () => {
      turns += 1;
      next = setImmediate(others);
    };
    let next = setImmediate(others);
    await merged(large(10_000), large(10_001));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(10);
  });
});
