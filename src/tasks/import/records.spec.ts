import { checkSize, RecordError, readTask, toSource } from './records.js';

const MIB = 1_048_576;

describe('a record of a dump', () => {
  it('is refused where its row is larger than can be exported', () => {
    expect(() => checkSize('x'.repeat(20 * MIB), null)).not.toThrow();
    expect(() => checkSize('"'.repeat(16 * MIB), '"'.repeat(16 * MIB))).toThrow(RecordError);
    const record = { id: 1, title: 'Task', note: 'x'.repeat(33 * MIB) };
    expect(() => readTask(record, () => undefined)).toThrow('is larger than can be exported');
  });

  it.each([1e308, -1e308, 5e-324, -0, 1.5, 2 ** 53])('has numbers such as %d', (number) => {
    expect(JSON.parse(toSource({ deep: [number] }))).toEqual({ deep: [number === 0 ? 0 : number] });
  });

  it.each([Infinity, -Infinity])('has no number that is %d', (number) => {
    expect(() => toSource({ deep: [{ number }] })).toThrow('has a number that is too large');
  });
});
