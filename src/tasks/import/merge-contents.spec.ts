import fc from 'fast-check';
import { mergeContents } from './merge-contents.js';

const merged = (kept: unknown, given: unknown): unknown =>
  JSON.parse(mergeContents(JSON.stringify(kept), JSON.stringify(given)));

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
  it('changes nothing when the same comes again', () => {
    const property = fc.property(store, store, (kept, given) => {
      const once = merged(kept, given);
      expect(merged(once, given)).toEqual(once);
      expect(merged(once, once)).toEqual(once);
    });
    fc.assert(property);
  });

  it('has each record of both as often as one of them, and in the order of the first', () => {
    const property = fc.property(store, store, (kept, given) => {
      const count = (records: unknown[], name: string) =>
        records.filter((one) => nameOf(one) === name).length;
      const both = merged(kept, given) as unknown[];
      expect(both.slice(0, kept.length).map(nameOf)).toEqual(kept.map(nameOf));
      for (const name of [...kept, ...given].map(nameOf)) {
        expect(count(both, name)).toBe(Math.max(count(kept, name), count(given, name)));
      }
    });
    fc.assert(property);
  });

  it.each<[unknown, unknown, unknown]>([
    [null, [1], [1]],
    [[1], null, [1]],
    [{ a: 1 }, {}, { a: 1 }],
    [[], { a: 1 }, { a: 1 }],
    [1, 2, 2],
    ['a', false, false],
    [{ a: { b: 1 }, c: 1 }, { a: { d: 1 } }, { a: { d: 1 }, c: 1 }],
  ])('of %j and %j makes %j', (kept, given, both) => {
    expect(merged(kept, given)).toEqual(both);
  });

  it.each([
    [[1], { a: 1 }],
    [{ a: 1 }, [1]],
    [1, [1]],
    [{ a: 1 }, 'a'],
  ])('keeps %j beside %j', (kept, given) => {
    expect(() => merged(kept, given)).toThrow('is something else than what is kept of it, which stays');
  });

  it('takes what comes where what is kept is no JSON', () => {
    expect(mergeContents('[{"broken', '[1]')).toBe('[1]');
  });
});
