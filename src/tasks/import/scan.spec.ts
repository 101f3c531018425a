import fc from 'fast-check';
import { vi } from 'vitest';
import { scan } from './scan.js';

const scanned = (json: string) => scan(Buffer.from(json));

describe('a scan of JSON', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['\ufeff {"tasks" : [ {"a":1,"a":2} ], "b":"tasks", "ta\\u0073ks":[]}', 'tasks'],
    ['{"a\\"":"\\\\","\\u0061\\u0022":1}', 'a"'],
    ['{"":1,"":2}', ''],
    ['{"é":1,"e":2,"é":3}', 'é'],
    ['{"a":1,"b":2,"a":3,"b":4}', 'a'],
  ])('finds the name that is twice in %s', (json, name) => {
    expect(scanned(json)).toBe(name);
  });

  it('finds none where none is', () => {
    const property = fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.boolean(),
      (value, pretty) => {
        expect(scanned(JSON.stringify(value, null, pretty ? 2 : 0))).toBeUndefined();
      },
    );
    fc.assert(property);
  });

  it('takes any bytes', () => {
    const sign = fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', 'a', ' ');
    fc.assert(
      fc.property(fc.array(sign), (signs) => {
        expect(() => scanned(signs.join(''))).not.toThrow();
      }),
    );
  });

  it('reads each text once at most, however many colons come after it', () => {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    try {
      expect(
        scanned(`${':'.repeat(1_000)}{"a"${':'.repeat(1_000)}"b":1${':'.repeat(1_000)}}`),
      ).toBeUndefined();
      expect(decode.mock.calls.map(([bytes]) => Buffer.from(bytes as Uint8Array).toString())).toEqual([
        '"a"',
        '"b"',
      ]);
    } finally {
      decode.mockRestore();
    }
  });

  it('refuses what is nested too deep', () => {
    expect(() => scanned('['.repeat(10_001))).toThrow('It is nested deeper than 10000 levels.');
    expect(scanned(`{"a":"${'['.repeat(20_000)}"}${'[]'.repeat(20_000)}`)).toBeUndefined();
  });
});
