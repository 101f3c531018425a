import fc from 'fast-check';
import { FileNames } from './file-names.js';

it.each([
  ['Work', 'Work.csv'],
  ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j.csv'],
  ['..', '_.csv'],
  ['../../etc/passwd', '_.._etc_passwd.csv'],
  ['nul', 'nul_.csv'],
  ['LPT1.txt', 'LPT1_.txt.csv'],
  [' blanks and dots. . ', ' blanks and dots.csv'],
  ['line\nbreak\u0000', 'line break_.csv'],
  ['Grüße 日本語 😀', 'Grüße 日本語 😀.csv'],
])('makes of %j the name %j', (title, name) => {
  expect(new FileNames().next(title, '.csv')).toBe(name);
});

it('tells names apart as Windows and macOS do', () => {
  const names = new FileNames();
  expect(['é', 'E\u0301', 'a', 'A', 'a (2)', 'a'].map((title) => names.next(title, '.csv'))).toEqual([
    'é.csv',
    'É (2).csv',
    'a.csv',
    'A (2).csv',
    'a (2) (2).csv',
    'a (3).csv',
  ]);
});

it('looks for each name but once, of however many that are the same', () => {
  const has = vi.spyOn(Set.prototype, 'has');
  const names = new FileNames();
  for (let n = 0; n < 300; n += 1) names.next('same', '.csv');
  const { length } = has.mock.calls.filter(([name]) => String(name).startsWith('same'));
  has.mockRestore();
  expect(length).toBeLessThan(1_000);
});

it('gives any titles names that are good and different', () => {
  const title = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
  );
  const property = fc.property(fc.array(title), (titles) => {
    const names = new FileNames();
    const all = titles.map((one) => names.next(one, '.csv'));
    expect(new Set(all.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(all.length);
    for (const name of all) {
      expect([...name].every((character) => character >= ' ')).toBe(true);
      expect(name).not.toMatch(/[/\\:*?"<>|]|[. ]$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    }
  });
  fc.assert(property);
});
