import fc from 'fast-check';
import { type BodyItems, Elements, Lines, LinesOrElements } from './body-items.js';

/** Numbers and texts of the items of a body that comes in these chunks. */
function itemsOf(items: BodyItems, chunks: readonly Buffer[]): [number, string | undefined][] {
  const all = [...chunks.flatMap((chunk) => items.push(chunk)), ...items.end()];
  return all.map(({ number, bytes }) => [number, bytes?.toString()]);
}

/** A text cut anywhere, between the bytes of a character too. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end));
}

describe('Lines', () => {
  it.each([
    ['', []],
    ['\n\n \r\n', []],
    ['a\nb\n', [[1, 'a'], [2, 'b']]], // prettier-ignore
    ['a\r\n\r\nb', [[1, 'a\r'], [3, 'b']]], // prettier-ignore
  ])('of %j are %j', (text, items) => {
    expect(itemsOf(new Lines(10), [Buffer.from(text)])).toEqual(items);
  });

  it('pass over what is too long, and go on behind it', () => {
    expect(itemsOf(new Lines(3), cut(`a\n${'x'.repeat(1_000)}\n1234\nb`, [5, 500, 900]))).toEqual([
      [1, 'a'],
      [2, undefined],
      [3, '1234'],
      [4, 'b'],
    ]);
  });

  it('are the same however the body is cut', () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => /^[^\s]+$/.test(text)),
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat(1_000)), (lines, places) => {
        const expected = lines.map((line, n) => [n + 1, line]);
        expect(itemsOf(new Lines(1_000), cut(lines.join('\n'), places))).toEqual(expected);
      }),
    );
  });
});

describe('Elements', () => {
  it.each([
    ['[]', []],
    ['\ufeff [ \n] ', []],
    ['[1, {"a": [2, "]"]} ,"\\"],"]', [[1, '1'], [2, ' {"a": [2, "]"]} '], [3, '"\\"],"']]], // prettier-ignore
    ['[1,,2,]', [[1, '1'], [2, ''], [3, '2'], [4, '']]], // prettier-ignore
  ])('of %j are %j', (text, expected) => {
    const elements = new Elements(100);
    expect(itemsOf(elements, [Buffer.from(text)])).toEqual(expected);
    expect(elements.broken).toBeUndefined();
  });

  it.each([
    ['', 0, 'The body should be a JSON array'],
    ['{}', 0, 'The body should be a JSON array'],
    ['[1, 2', 2, 'The JSON array has no end'],
    ['["a]', 1, 'The JSON array has no end'],
    ['[1] x', 1, 'There is more behind the JSON array'],
    ['[1][2]', 1, 'There is more behind the JSON array'],
  ])('of %j are broken at %i', (text, number, reason) => {
    const elements = new Elements(100);
    itemsOf(elements, [Buffer.from(text)]);
    expect(elements.broken).toEqual({ number, reason });
  });

  it('pass over what is too long, and go on behind it', () => {
    const text = `[1, "${'x'.repeat(1_000)}", 3]`;
    expect(itemsOf(new Elements(5), cut(text, [3, 7, 500]))).toEqual([
      [1, '1'],
      [2, undefined],
      [3, ' 3'],
    ]);
  });

  it('are the same however the body is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.array(fc.nat(1_000)), (values, places) => {
        const items = itemsOf(new Elements(100_000), cut(JSON.stringify(values), places));
        expect(items.map(([, text]) => JSON.parse(text!) as unknown)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
    );
  });
});

describe('LinesOrElements', () => {
  it.each([
    ['', []],
    [' \n\n', []],
    ['\ufeff', [[1, '\ufeff']]],
    ['a\n[b]', [[1, 'a'], [2, '[b]']]], // prettier-ignore
    ['\n\n {"a": [1]}\n', [[3, ' {"a": [1]}']]],
    ['\ufeffa\nb', [[1, '\ufeffa'], [2, 'b']]], // prettier-ignore
    ['[1,\n2]', [[1, '1'], [2, '\n2']]], // prettier-ignore
    ['\ufeff\r\n\t [1] ', [[1, '1']]],
  ])('of %j are %j, however it is cut', (text, expected) => {
    for (let place = 0; place <= Buffer.from(text).length; place += 1) {
      const items = new LinesOrElements(100);
      expect(itemsOf(items, cut(text, [place]))).toEqual(expected);
      expect(items.broken).toBeUndefined();
    }
  });

  it('tell of an array without an end, and of no array that lines are broken', () => {
    const broken = (text: string) => {
      const items = new LinesOrElements(100);
      itemsOf(items, [Buffer.from(text)]);
      return items.broken;
    };
    expect(broken('[1')).toEqual({ number: 1, reason: 'The JSON array has no end' });
    expect(broken('[1]\n{}')).toEqual({ number: 1, reason: 'There is more behind the JSON array' });
    expect(broken('{}')).toBeUndefined();
  });
});
