import { boundedLines, LineTooLongError } from './bounded-lines.js';

async function* chunksOf(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

const linesOf = async (maxBytes: number, ...chunks: string[]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const some of boundedLines(chunksOf(...chunks), maxBytes)) lines.push(...some.map(String));
  return lines;
};

describe('bounded lines', () => {
  it('are the same however the bytes come', async () => {
    const text = 'one\n\nthree\nfour';
    for (const size of [1, 2, 3, 5, text.length]) {
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(await linesOf(5, ...chunks)).toEqual(['one', '', 'three', 'four']);
    }
    expect(await linesOf(5)).toEqual([]);
    expect(await linesOf(5, 'a\n')).toEqual(['a']);
  });

  it('end where one is too long, whether its end has come or not', async () => {
    await expect(linesOf(4, 'one\nlonger\n')).rejects.toThrow(new LineTooLongError(2, 4));
    await expect(linesOf(4, 'one\n', 'lon', 'ger')).rejects.toThrow('Line 2 is longer than 4 bytes.');
  });
});
